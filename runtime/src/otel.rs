//! Traces and metrics through OpenTelemetry: those of omnifn's invocations, and all that the program itself records.
//!
//! The SDK batches and exports them. On Lambda, which freezes the process between invocations, they are flushed after each reply.

mod export;
mod metrics;

use std::{
    sync::OnceLock,
    time::{Duration, SystemTime},
};

use omnifn_core::{Record, Settings, TraceContext};
use opentelemetry::{
    Context, KeyValue, SpanId, TraceFlags, TraceId, global,
    trace::{Span as _, SpanContext, TraceContextExt, TraceState, Tracer},
};
use opentelemetry_sdk::{
    Resource,
    metrics::SdkMeterProvider,
    propagation::TraceContextPropagator,
    resource::{EnvResourceDetector, SdkProvidedResourceDetector, TelemetryResourceDetector},
    trace::SdkTracerProvider,
};
use tokio::task::spawn_blocking;
use tracing::{Level, Metadata, Subscriber, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{Layer, filter::FilterFn, registry::LookupSpan};

use crate::{id, log};
pub(crate) use metrics::count;

/// The instrumentation scope of omnifn's own spans and metrics.
const SCOPE: &str = "omnifn";

static PROVIDERS: OnceLock<(Option<SdkTracerProvider>, Option<SdkMeterProvider>)> = OnceLock::new();

/// Whether a trace that X-Ray does not record is not recorded here either.
static FOLLOWS_XRAY: OnceLock<bool> = OnceLock::new();

/// Exports traces and metrics if the environment configures an endpoint (`OTEL_EXPORTER_OTLP_ENDPOINT`), unless the program has set a
/// tracer provider. This function must be called in a tokio runtime, and before the first `layer`.
pub fn install(platform: impl FnOnce() -> Vec<(&'static str, String)>, settings: &dyn Settings) {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let _ = FOLLOWS_XRAY.set(settings.get("OTEL_PROPAGATORS").is_some_and(|names| names.contains("xray")));
    let disabled = settings.get("OTEL_SDK_DISABLED").is_some_and(|off| off.trim().eq_ignore_ascii_case("true"));
    if disabled || exports() || has_provider() {
        return;
    }
    let resource = resource(platform(), settings);
    let (traces, metrics) = (export::traces(&resource, settings), export::metrics(&resource, settings));
    let mut errors: Vec<_> = [traces.as_ref().err(), metrics.as_ref().err()].into_iter().flatten().collect();
    errors.dedup();
    errors.into_iter().for_each(|error| log::error(format_args!("OpenTelemetry export is disabled: {error}")));
    let (traces, metrics) = (traces.ok().flatten(), metrics.ok().flatten());
    traces.iter().for_each(|traces| global::set_tracer_provider(traces.clone()));
    metrics.iter().for_each(|metrics| global::set_meter_provider(metrics.clone()));
    if traces.is_some() || metrics.is_some() {
        export::clear_text(settings).into_iter().for_each(|warning| log::warn(format_args!("{warning}")));
        let _ = PROVIDERS.set((traces, metrics));
    }
}

/// Whether traces or metrics are exported.
pub fn exports() -> bool {
    PROVIDERS.get().is_some()
}

/// Exports everything recorded so far, within a limit.
pub async fn flush(limit: Duration) {
    let Some((traces, metrics)) = PROVIDERS.get() else { return };
    // A flush blocks its thread until the SDK's own thread has exported.
    let traces = spawn_blocking(|| traces.as_ref().map(SdkTracerProvider::force_flush));
    let metrics = spawn_blocking(|| metrics.as_ref().map(SdkMeterProvider::force_flush));
    if tokio::time::timeout(limit, futures_util::future::join(traces, metrics)).await.is_err() {
        export::pause();
    }
}

/// Exports what an invocation recorded, before the platform may freeze the process: within 2 s, and 100 ms before the deadline.
pub async fn after_invocation(deadline: Option<SystemTime>) {
    let left = deadline.map(|deadline| deadline.duration_since(SystemTime::now()).unwrap_or_default());
    let left = left.map_or(Duration::MAX, |left| left.saturating_sub(Duration::from_millis(100)));
    let limit = left.min(Duration::from_secs(2));
    if !limit.is_zero() && !export::is_paused() {
        flush(limit).await;
    }
}

/// Returns the layer that makes OpenTelemetry spans from those of `tracing`, if a tracer provider is set.
pub(crate) fn layer<S: Subscriber + for<'s> LookupSpan<'s>>() -> Option<impl Layer<S>> {
    let filter = |metadata: &Metadata<'_>| match metadata.target() {
        // omnifn's events are log lines, whose messages may quote the payload.
        "omnifn" => metadata.is_span(),
        target => *metadata.level() <= Level::INFO && !target.starts_with("lambda_runtime"),
    };
    let filter = FilterFn::new(filter).with_max_level_hint(LevelFilter::INFO);
    let layer = tracing_opentelemetry::layer().with_location(false).with_threads(false).with_tracked_inactivity(false);
    (exports() || has_provider()).then(|| layer.with_tracer(global::tracer(SCOPE)).with_filter(filter))
}

/// The OpenTelemetry span that the layer makes from a `tracing` span. Without the layer it has no effect.
#[derive(Clone)]
pub(crate) struct Trace(Context);

impl Trace {
    /// Starts the span as a child of the first trace that can be its parent, and links it to the others and to the senders of records.
    pub(crate) fn start(span: &tracing::Span, parents: &[Option<TraceContext>], linked: &[Record]) -> Self {
        let mut parent = None;
        for trace in parents.iter().flatten() {
            let Some(context) = span_context(trace) else { continue };
            // If the platform's own tracing does not record a span, the span exists nowhere, and cannot be a parent.
            let is_recorded = trace.sampled() || !trace.is_platforms() || FOLLOWS_XRAY.get() == Some(&true);
            match parent {
                None if is_recorded => parent = Some(context),
                _ => span.add_link(context),
            }
        }
        linked.iter().filter_map(|record| span_context(&record.trace?)).for_each(|sender| span.add_link(sender));
        if let Some(parent) = parent {
            // It fails if the subscriber has no layer of OpenTelemetry.
            let _ = span.set_parent(Context::new().with_remote_span_context(parent));
        }
        Trace(span.context())
    }

    /// Returns the trace context for calls that are made within this span.
    pub(crate) fn context(&self) -> Option<TraceContext> {
        let span = self.0.span().span_context().clone();
        let (trace, id, sampled) = (span.trace_id(), span.span_id(), u8::from(span.is_sampled()));
        TraceContext::from_traceparent(&format!("00-{trace}-{id}-{sampled:02x}"))
    }

    pub(crate) fn rename(&self, name: String) {
        self.0.span().update_name(name);
    }

    /// Ends the span now, not when the last clone of the `tracing` span is dropped, so that a flush exports it.
    pub(crate) fn end(&self) {
        self.0.span().end();
    }
}

fn span_context(trace: &TraceContext) -> Option<SpanContext> {
    let trace_id = TraceId::from_hex(&trace.trace_id()).ok()?;
    let span_id = SpanId::from_hex(&trace.parent_id()?).ok()?;
    let flags = if trace.sampled() { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    Some(SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE))
}

/// Whether the global tracer provider makes spans. The default provider only returns the parent.
fn has_provider() -> bool {
    let id = SpanId::from(1);
    let parent = SpanContext::new(TraceId::from(1), id, TraceFlags::NOT_SAMPLED, true, TraceState::NONE);
    let parent = Context::new().with_remote_span_context(parent);
    global::tracer(SCOPE).start_with_context(SCOPE, &parent).span_context().span_id() != id
}

/// Describes this program by `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES`, or else as the platform does.
fn resource(platform: Vec<(&'static str, String)>, settings: &dyn Settings) -> Resource {
    let name = settings.get("OTEL_SERVICE_NAME").map(|name| KeyValue::new("service.name", name));
    Resource::builder_empty()
        .with_detectors(&[Box::new(SdkProvidedResourceDetector), Box::new(TelemetryResourceDetector)])
        .with_attribute(KeyValue::new("service.instance.id", id::generate()))
        .with_attributes(platform.into_iter().map(|(name, value)| KeyValue::new(name, value)))
        .with_detector(Box::new(EnvResourceDetector::new()))
        .with_attributes(name)
        .build()
}
