//! Traces and metrics, by OpenTelemetry: a span and a few counts for each invocation, and the export of all that the program says
//! by the API of the crate `opentelemetry`.
//!
//! No thread is started. What is said is kept, in limits, and sent by OTLP over HTTP: on a platform that freezes the program between
//! two invocations, when the reply was posted and before the next event is asked for; elsewhere by a task beside the invocations,
//! and at the end of the program.

mod about;
mod buffer;
mod config;
mod export;
mod http;
mod instruments;
mod reader;
mod resource;
mod span;

use std::{
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, SystemTime},
};

use omnifn_core::Settings;
use opentelemetry::{
    Context, global,
    trace::{Span as _, SpanContext, SpanId, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer},
};
use opentelemetry_sdk::propagation::TraceContextPropagator;

use config::Config;
use export::Exporter;

pub(crate) use span::{Around, Span};

/// What exports, where something does.
static EXPORTER: OnceLock<Exporter> = OnceLock::new();

/// Whether a task exports beside the invocations.
static BESIDE: AtomicBool = AtomicBool::new(false);

/// Whether the platform's own tracing decides what is recorded, too.
static HONOURS_PLATFORM: AtomicBool = AtomicBool::new(false);

/// How long an export after an invocation takes at most, unless `OTEL_EXPORTER_OTLP_TIMEOUT` says it.
const AFTER_INVOCATION: Duration = Duration::from_secs(2);

/// What is left of an invocation's time for the platform.
const MARGIN: Duration = Duration::from_millis(100);

/// From now on what is said by OpenTelemetry is exported, where the environment says whereto (`OTEL_EXPORTER_OTLP_ENDPOINT`), unless
/// the program has a provider of its own already. The first one counts. What the provider says of the program is asked only then.
pub fn install(resource: impl FnOnce() -> Vec<(&'static str, String)>, settings: &dyn Settings) {
    global::set_text_map_propagator(TraceContextPropagator::new());
    let propagators = settings.get("OTEL_PROPAGATORS").unwrap_or_default();
    HONOURS_PLATFORM.store(propagators.contains("xray"), Ordering::Relaxed);
    let Some(config) = Config::read(settings) else { return };
    if EXPORTER.get().is_some() || is_there() {
        return;
    }
    let exporter = Exporter::new(&config, &resource::of(resource(), settings));
    if EXPORTER.set(exporter).is_ok()
        && let Some(exporter) = EXPORTER.get()
    {
        exporter.install();
    }
}

/// Whether something is exported.
pub fn exports() -> bool {
    EXPORTER.get().is_some()
}

/// Exports what was said so far, for no longer than this.
pub async fn flush(limit: Duration) {
    if let Some(exporter) = EXPORTER.get() {
        exporter.flush(limit, true).await;
    }
}

/// Exports what an invocation said, before the platform may freeze the program: for no longer than the invocation had left.
pub async fn after_invocation(deadline: Option<SystemTime>) {
    let Some(exporter) = EXPORTER.get().filter(|_| !BESIDE.load(Ordering::Relaxed)) else { return };
    let limit = exporter.timeout.unwrap_or(AFTER_INVOCATION);
    let left = deadline.map(|deadline| deadline.duration_since(SystemTime::now()).unwrap_or_default());
    let limit = left.map_or(limit, |left| limit.min(left.saturating_sub(MARGIN)));
    if limit > Duration::ZERO {
        exporter.flush(limit, false).await;
    }
}

/// Exports beside the invocations, for ever: in batches, and after a while. It takes tokio's runtime.
pub fn export_beside() {
    if let Some(exporter) = EXPORTER.get() {
        BESIDE.store(true, Ordering::Relaxed);
        drop(tokio::spawn(exporter.run()));
    }
}

/// Makes spans of the crate `tracing` spans of OpenTelemetry, where somebody takes them.
#[cfg_attr(not(any(feature = "serve", feature = "poll")), allow(dead_code, reason = "no program starts"))]
pub(crate) fn layer<S>() -> Option<impl tracing_subscriber::Layer<S>>
where
    S: tracing::Subscriber + for<'s> tracing_subscriber::registry::LookupSpan<'s>,
{
    let layer = || tracing_opentelemetry::layer().with_tracer(global::tracer(SCOPE)).with_location(false);
    (exports() || is_there()).then(layer)
}

/// Whether what the platform's own tracing does not record is not recorded here: where X-Ray is named among `OTEL_PROPAGATORS`.
fn honours_platform() -> bool {
    HONOURS_PLATFORM.load(Ordering::Relaxed)
}

/// Whether there is a tracer that makes spans. One that makes none gives its parent back.
///
/// The parent is not recorded, so neither is what is made here.
fn is_there() -> bool {
    let id = SpanId::from(1);
    let parent = SpanContext::new(TraceId::from(1), id, TraceFlags::NOT_SAMPLED, true, TraceState::NONE);
    let parent = Context::new().with_remote_span_context(parent);
    let span = global::tracer(SCOPE).start_with_context("omnifn", &parent);
    span.span_context().span_id() != id
}

/// The name that our own spans and metrics have.
const SCOPE: &str = "omnifn";
