use std::{borrow::Cow, future::Future, time::Instant};

use http::{Method, StatusCode};
use omnifn_core::{Context, Error, ErrorClass, Invocation, Outcome, Record, Spec, TraceContext};
use opentelemetry::{
    Context as Otel, ContextGuard, KeyValue, SpanId, TraceFlags, TraceId,
    trace::{FutureExt, Link, SpanContext, SpanKind, Status, TraceContextExt, TraceState, Tracer, WithContext},
};

use super::{
    about,
    instruments::{self, Failed, Instruments},
};

/// The span of an invocation, or of one record of a delivery. None where nobody takes it.
pub(crate) struct Span(Option<Active>);

struct Active {
    instruments: &'static Instruments,
    otel: Otel,
    /// What functions see as their trace.
    trace: Option<TraceContext>,
    /// Whether its end is the span's. It is not for the only record of a delivery, which has the span of that.
    owned: bool,
    ended: bool,
    of: Of,
}

enum Of {
    Invocation {
        started: Instant,
        cold_start: bool,
        /// What its metrics say: little, for each value of it is a series of its own.
        labels: Vec<KeyValue>,
        /// That of a request, as its span's name begins.
        method: &'static str,
        /// Whether it is for one record at most, which has no span of its own then.
        single: bool,
    },
    Record,
}

/// A future within a span.
pub(crate) type Around<F> = WithContext<F>;

impl Span {
    /// Around an HTTP request. From now on the span is what the invocation's trace names.
    pub(crate) fn request(method: &Method, path: &str, invocation: &mut Invocation, cold_start: bool) -> Self {
        let Some(instruments) = instruments::get() else { return Span(None) };
        let mut attributes = about::invocation("http", invocation, cold_start);
        let name = about::request(method, path, &mut attributes);
        let labels = vec![KeyValue::new("faas.trigger", "http")];
        let parent = Parent::of(invocation.trace.as_ref(), None);
        let of = Of::Invocation { started: Instant::now(), cold_start, labels, method: name, single: true };
        Active::start(instruments, SpanKind::Server, name.into(), attributes, parent, &mut invocation.trace, of)
    }

    /// Around events that were delivered at once. One that is alone is sent by whoever wrote its trace; of several, each has a span
    /// of its own within.
    pub(crate) fn delivery(
        function: &'static Spec,
        records: &[Record],
        invocation: &mut Invocation,
        cold_start: bool,
    ) -> Self {
        let Some(instruments) = instruments::get() else { return Span(None) };
        let trigger = about::trigger(function.class());
        let mut attributes = about::invocation(trigger, invocation, cold_start);
        about::function(function, invocation.system, &mut attributes);
        let (parent, single) = match records {
            [only] => (Parent::of(only.trace.as_ref(), invocation.trace.as_ref()), true),
            several => {
                if trigger == "pubsub" {
                    attributes.push(KeyValue::new("messaging.batch.message_count", several.len() as i64));
                }
                let mut parent = Parent::of(invocation.trace.as_ref(), None);
                let senders = several.iter().filter_map(|record| span_context(record.trace.as_ref()?));
                parent.links.extend(senders);
                (parent, false)
            }
        };
        let labels = vec![KeyValue::new("faas.trigger", trigger), KeyValue::new("omnifn.function", function.name)];
        let of = Of::Invocation { started: Instant::now(), cold_start, labels, method: "", single };
        let (kind, name) = (about::kind(function.class()), about::name(function));
        Active::start(instruments, kind, name, attributes, parent, &mut invocation.trace, of)
    }

    /// Around one record of this delivery, which was sent in the record's trace where there is one, else in that of this span; and the
    /// trace that its function sees, where that is not the delivery's.
    pub(crate) fn record(
        &self,
        function: &'static Spec,
        record: &Record,
        context: &Context,
        system: Option<&'static str>,
    ) -> (Self, Option<TraceContext>) {
        let Some(delivery) = &self.0 else { return (Span(None), record.trace) };
        let mut attributes = Vec::new();
        about::record(function, record.event.as_ref().ok(), record.id.as_deref(), &mut attributes);
        let mut seen = record.trace.or(context.trace().copied());
        if let Of::Invocation { single: true, .. } = delivery.of {
            delivery.otel.span().set_attributes(attributes);
            let Active { instruments, otel, trace, .. } = delivery;
            let (otel, trace) = (otel.clone(), *trace);
            let span = Active { instruments, otel, trace, owned: false, ended: false, of: Of::Record };
            return (Span(Some(span)), trace.or(seen));
        }
        attributes.push(KeyValue::new("faas.trigger", about::trigger(function.class())));
        about::function(function, system, &mut attributes);
        let sender = seen.filter(|trace| Some(*trace) != delivery.trace);
        let own = delivery.otel.span().span_context().clone();
        let parent = match sender {
            None => Parent { remote: Some(own), links: Vec::new() },
            Some(sender) => {
                let mut parent = Parent::of(Some(&sender), None);
                match parent.remote {
                    Some(_) => parent.links.push(own),
                    None => parent.remote = Some(own),
                }
                parent
            }
        };
        let (kind, name) = (about::kind(function.class()), about::name(function));
        let span = Active::start(delivery.instruments, kind, name, attributes, parent, &mut seen, Of::Record);
        (span, seen)
    }

    /// Returns the span that the function runs in.
    pub(crate) fn tracing(&self) -> &tracing::Span {
        static NONE: std::sync::LazyLock<tracing::Span> = std::sync::LazyLock::new(tracing::Span::none);
        &NONE
    }

    /// Takes it out of its place, where it is none from now on.
    pub(crate) fn take(&mut self) -> Self {
        Span(self.0.take())
    }

    /// Runs a future within the span: what it makes by OpenTelemetry are children of it.
    pub(crate) fn around<F: Future>(&self, future: F) -> Around<F> {
        future.with_context(self.otel())
    }

    /// Within the span, until this is dropped.
    pub(crate) fn enter(&self) -> ContextGuard {
        self.otel().attach()
    }

    fn otel(&self) -> Otel {
        self.0.as_ref().map_or_else(Otel::current, |active| active.otel.clone())
    }

    /// A request was answered, or failed.
    pub(crate) fn answered(self, context: &Context, status: Option<StatusCode>, error: Option<&Error>) {
        let Some(mut active) = self.0 else { return };
        let failed = match (error, status) {
            (Some(error), None) => Some(Failed::Error(error)),
            (error, Some(status)) if status.is_server_error() => {
                Some(error.map_or(Failed::Status(status.as_u16()), Failed::Error))
            }
            _ => None,
        };
        if let Of::Invocation { labels, method, .. } = &mut active.of {
            about::answer(&active.otel.span(), context, method, status);
            if !context.function_name().is_empty() {
                labels.push(KeyValue::new("omnifn.function", context.function_name()));
            }
        }
        active.end(failed);
    }

    /// All records of a delivery have come to their ends.
    pub(crate) fn delivered(self, outcomes: &[Outcome]) {
        let Some(mut active) = self.0 else { return };
        let errors = || outcomes.iter().filter(|outcome| !outcome.is_acknowledged()).filter_map(Outcome::error);
        let left = || outcomes.iter().any(|outcome| matches!(outcome, Outcome::NotBegun)).then_some(Failed::NotBegun);
        let failed = errors().next().map(Failed::Error).or_else(left);
        if let Of::Invocation { labels, .. } = &active.of {
            active.instruments.count_records(outcomes, labels);
        }
        active.end(failed);
    }

    /// A record has come to its end.
    pub(crate) fn done(self, error: Option<&Error>) {
        let Some(mut active) = self.0 else { return };
        // What the function itself discards is no failure.
        let failed = error.filter(|error| error.class() != ErrorClass::Discard).map(Failed::Error);
        active.end(failed);
    }
}

impl Active {
    fn start(
        instruments: &'static Instruments,
        kind: SpanKind,
        name: Cow<'static, str>,
        attributes: Vec<KeyValue>,
        parent: Parent,
        seen: &mut Option<TraceContext>,
        of: Of,
    ) -> Span {
        let links = parent.links.into_iter().map(|link| Link::new(link, Vec::new(), 0)).collect();
        let builder = instruments.tracer.span_builder(name).with_kind(kind).with_attributes(attributes);
        let around = match parent.remote {
            Some(remote) => Otel::new().with_remote_span_context(remote),
            None => Otel::new(),
        };
        let span = instruments.tracer.build_with_context(builder.with_links(links), &around);
        let otel = Otel::current_with_span(span);
        let trace = trace_context(otel.span().span_context());
        *seen = trace.or(*seen);
        Span(Some(Active { instruments, otel, trace, owned: true, ended: false, of }))
    }

    fn end(&mut self, failed: Option<Failed<'_>>) {
        self.ended = true;
        if let Of::Invocation { started, cold_start, labels, .. } = &self.of {
            self.instruments.count(started.elapsed(), *cold_start, failed, labels);
        }
        if !self.owned {
            return;
        }
        let span = self.otel.span();
        if let Some(failed) = failed {
            span.set_attribute(KeyValue::new("error.type", failed.name()));
            // Its words may be of the payload.
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// Dropped before its end: the client went away, or the program ends.
impl Drop for Active {
    fn drop(&mut self) {
        if !self.ended {
            self.end(Some(Failed::Cancelled));
        }
    }
}

/// Where a span belongs.
struct Parent {
    remote: Option<SpanContext>,
    links: Vec<SpanContext>,
}

impl Parent {
    /// The first trace that can be a parent is it; the others are linked.
    fn of(first: Option<&TraceContext>, second: Option<&TraceContext>) -> Self {
        let mut parent = Parent { remote: None, links: Vec::new() };
        for trace in [first, second].into_iter().flatten() {
            let Some(span) = span_context(trace) else { continue };
            // A platform that does not record a trace decides that for its own tracing, and its span is nowhere to be seen.
            let is_recorded = trace.sampled() || !trace.is_platforms() || super::honours_platform();
            match &parent.remote {
                None if is_recorded => parent.remote = Some(span),
                _ => parent.links.push(span),
            }
        }
        parent
    }
}

fn span_context(trace: &TraceContext) -> Option<SpanContext> {
    let trace_id = TraceId::from_hex(&trace.trace_id()).ok()?;
    let span_id = SpanId::from_hex(&trace.parent_id()?).ok()?;
    let flags = if trace.sampled() { TraceFlags::SAMPLED } else { TraceFlags::NOT_SAMPLED };
    Some(SpanContext::new(trace_id, span_id, flags, true, TraceState::NONE))
}

fn trace_context(span: &SpanContext) -> Option<TraceContext> {
    let (trace, id, sampled) = (span.trace_id(), span.span_id(), u8::from(span.is_sampled()));
    TraceContext::from_traceparent(&format!("00-{trace}-{id}-{sampled:02x}"))
}
