//! The `tracing` span of an invocation, and of each record of a batch. Its fields follow the conventions of OpenTelemetry for
//! [functions](https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/),
//! [HTTP](https://opentelemetry.io/docs/specs/semconv/http/http-spans/),
//! [messages](https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/), and
//! [CloudEvents](https://opentelemetry.io/docs/specs/semconv/cloudevents/). They never contain a payload, a header, or a query.

use std::{
    borrow::Cow,
    time::{Instant, SystemTime},
};

use http::{Method, StatusCode};
use omnifn_core::{
    Context, Error, ErrorClass, Event, Invocation, Outcome, Record, Spec, TraceContext,
    event::{ChangeKind, Class, ObjectChange, time::rfc3339},
    log::cut,
};
use tracing::field::Empty;

use crate::{
    log,
    otel::{self, Trace},
};

/// The span of an invocation, or of one record of a batch.
pub(crate) struct Span {
    tracing: tracing::Span,
    trace: Trace,
    /// The invocation to be counted when it ends; `None` for a record.
    measured: Option<Measured>,
    /// The method of a request, with which the span's name begins.
    method: &'static str,
    /// Whether each record has a span of its own. A single record shares the span of its delivery.
    is_batch: bool,
    /// Whether the attributes are read: see [`log::shows_spans`].
    is_described: bool,
    ended: bool,
}

/// An invocation that is counted when it ends.
#[cfg_attr(not(feature = "otel"), allow(dead_code, reason = "nothing is counted"))]
pub(crate) struct Measured {
    pub(crate) started: Instant,
    pub(crate) cold_start: bool,
    pub(crate) trigger: &'static str,
    pub(crate) function: Option<&'static str>,
    pub(crate) records: u64,
    pub(crate) record_failures: u64,
}

impl Measured {
    fn start(trigger: &'static str, function: Option<&'static str>, cold_start: bool) -> Self {
        Measured { started: Instant::now(), cold_start, trigger, function, records: 0, record_failures: 0 }
    }
}

impl Span {
    /// Starts the span of an HTTP request, which becomes the trace of the invocation.
    pub(crate) fn request(method: &Method, path: &str, invocation: &mut Invocation, cold_start: bool) -> Self {
        // A client can invent any number of other methods.
        const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
        let known = KNOWN.into_iter().find(|known| *known == method.as_str());
        let method = known.unwrap_or("HTTP");
        let is_described = log::shows_spans();
        let tracing = if is_described {
            let span = start(method, Class::Http, invocation.id.as_deref(), Some(cold_start));
            span.record("http.request.method", known.unwrap_or("_OTHER")).record("url.path", cut(path));
            span
        } else {
            start_plain(invocation.id.as_deref())
        };
        let trace = Trace::start(&tracing, &[invocation.trace], &[]);
        invocation.trace = trace.context().or(invocation.trace);
        Span {
            tracing,
            trace,
            measured: Some(Measured::start("http", None, cold_start)),
            method,
            is_batch: false,
            is_described,
            ended: false,
        }
    }

    /// Starts the span of a direct invocation of a function.
    pub(crate) fn invocation(function: &str, invocation: &mut Invocation, cold_start: bool) -> Self {
        let (id, is_described) = (invocation.id.as_deref(), log::shows_spans());
        let tracing = match is_described {
            true => start(function, Class::Invoke, id, Some(cold_start)),
            false => start_plain(id),
        };
        let trace = Trace::start(&tracing, &[invocation.trace], &[]);
        invocation.trace = trace.context().or(invocation.trace);
        let measured = Some(Measured::start(trigger(Class::Invoke), None, cold_start));
        Span { tracing, trace, measured, method: "", is_batch: false, is_described, ended: false }
    }

    /// Starts the span of a delivery. A single record is a child of its sender; several have spans of their own.
    pub(crate) fn delivery(
        function: &'static Spec,
        records: &[Record],
        is_batch: bool,
        invocation: &mut Invocation,
        cold_start: bool,
    ) -> Self {
        let trigger = trigger(function.class());
        let is_described = log::shows_spans();
        let tracing = if is_described {
            let span = start(&name(function), function.class(), invocation.id.as_deref(), Some(cold_start));
            record_function(&span, function, invocation.system);
            span
        } else {
            start_plain(invocation.id.as_deref())
        };
        let trace = match records {
            [record] if !is_batch => Trace::start(&tracing, &[record.trace, invocation.trace], &[]),
            records => Trace::start(&tracing, &[invocation.trace], records),
        };
        invocation.trace = trace.context().or(invocation.trace);
        let measured = Some(Measured::start(trigger, Some(function.name), cold_start));
        Span { tracing, trace, measured, method: "", is_batch, is_described, ended: false }
    }

    /// Starts the span of one record of this delivery, as a child of its sender or else of the delivery. Also returns the trace context
    /// that the function sees.
    pub(crate) fn record(
        &self,
        function: &'static Spec,
        record: &Record,
        context: &Context,
        system: Option<&'static str>,
    ) -> (Self, Option<TraceContext>) {
        let Span { is_batch, is_described, .. } = *self;
        let id = Some(context.invocation_id());
        let tracing = match (is_batch, is_described) {
            (false, _) => self.tracing.clone(),
            (true, false) => start_plain(id),
            (true, true) => start(&name(function), function.class(), id, None),
        };
        if is_described {
            record_event(&tracing, function, record);
            if is_batch {
                record_function(&tracing, function, system);
            }
        }
        let trace = match is_batch {
            true => Trace::start(&tracing, &[record.trace, self.trace.context()], &[]),
            false => self.trace.clone(),
        };
        let seen = trace.context().or(record.trace);
        (Span { tracing, trace, measured: None, method: "", is_batch, is_described, ended: false }, seen)
    }

    /// Returns the span that the function runs in.
    pub(crate) fn tracing(&self) -> &tracing::Span {
        &self.tracing
    }

    /// Ends the span of a request.
    pub(crate) fn answered(mut self, context: &Context, status: Option<StatusCode>, error: Option<&Error>) {
        let function = Some(context.function_name()).filter(|name| !name.is_empty());
        if let Some(measured) = &mut self.measured {
            measured.function = function;
        }
        if self.is_described {
            self.tracing.record("omnifn.function", function);
            if let Some(route) = context.route() {
                self.tracing.record("http.route", route);
                self.trace.rename(format!("{} {route}", self.method));
            }
            self.tracing.record("http.response.status_code", status.map(|status| status.as_u16()));
        }
        if self.method.is_empty() {
            // A direct invocation has no status: an error of its function is a failure, whatever its cause.
            return self.end(error, None);
        }
        match &status {
            Some(status) if status.is_server_error() => self.end(error, Some(status.as_str())),
            Some(_) => self.end(None, None),
            None => self.end(error, None),
        }
    }

    /// Ends the span of a delivery.
    pub(crate) fn delivered(mut self, outcomes: &[Outcome]) {
        let is_pubsub = self.measured.as_ref().is_some_and(|measured| measured.trigger == "pubsub");
        if self.is_described && self.is_batch && is_pubsub {
            self.tracing.record("messaging.batch.message_count", outcomes.len());
        }
        let failed = || outcomes.iter().filter(|outcome| !outcome.is_acknowledged());
        if let Some(measured) = &mut self.measured {
            (measured.records, measured.record_failures) = (outcomes.len() as u64, failed().count() as u64);
        }
        let not_started = outcomes.iter().any(|outcome| matches!(outcome, Outcome::NotStarted)).then_some("NotStarted");
        self.end(failed().find_map(Outcome::error), not_started);
    }

    /// Ends the span of a record. A record that the function discards itself has not failed.
    pub(crate) fn done(mut self, error: Option<&Error>) {
        self.end(error.filter(|error| error.class() != ErrorClass::Discard), None);
    }

    fn end(&mut self, error: Option<&Error>, error_type: Option<&str>) {
        self.ended = true;
        let error_type = error.map(Error::name).or(error_type);
        if let Some(measured) = &self.measured {
            otel::count(measured, error, error_type.is_some());
        }
        if self.measured.is_some() || self.is_batch {
            if let Some(error_type) = error_type {
                // No description, because an error's message may quote the payload.
                self.tracing.record("error.type", error_type).record("otel.status_code", "error");
            }
            self.trace.end();
        }
    }
}

/// A span that is dropped before it was ended belongs to a cancelled invocation, as when the client disconnects.
impl Drop for Span {
    fn drop(&mut self) {
        if !self.ended {
            self.end(None, Some("Cancelled"));
        }
    }
}

/// Starts a span that only associates events with the invocation.
fn start_plain(id: Option<&str>) -> tracing::Span {
    tracing::info_span!(target: "omnifn", parent: None, "invocation", invocation_id = id)
}

fn start(name: &str, class: Class, id: Option<&str>, cold_start: Option<bool>) -> tracing::Span {
    let kind = match class {
        Class::Queue | Class::Topic | Class::Stream | Class::Event => "consumer",
        _ => "server",
    };
    tracing::info_span!(
        target: "omnifn", parent: None, "invocation",
        invocation_id = id, otel.name = name, otel.kind = kind, otel.status_code = Empty, error.type = Empty,
        omnifn.function = Empty, faas.trigger = trigger(class), faas.coldstart = cold_start,
        faas.invocation_id = cold_start.and(id).map(cut), faas.cron = Empty, faas.time = Empty,
        http.request.method = Empty, http.route = Empty, http.response.status_code = Empty, url.path = Empty,
        messaging.system = Empty, messaging.operation.name = Empty, messaging.operation.type = Empty,
        messaging.destination.name = Empty, messaging.destination.subscription.name = Empty,
        messaging.consumer.group.name = Empty, messaging.batch.message_count = Empty, messaging.message.id = Empty,
        faas.document.collection = Empty, faas.document.name = Empty, faas.document.operation = Empty,
        faas.document.time = Empty, cloudevents.event_id = Empty, cloudevents.event_source = Empty,
        cloudevents.event_type = Empty,
    )
}

fn record_function(span: &tracing::Span, function: &'static Spec, system: Option<&'static str>) {
    span.record("omnifn.function", function.name);
    match trigger(function.class()) {
        "pubsub" => {
            span.record("messaging.system", system)
                .record("messaging.operation.name", "process")
                .record("messaging.operation.type", "process")
                .record("messaging.destination.name", function.source())
                .record("messaging.destination.subscription.name", function.options.subscription)
                .record("messaging.consumer.group.name", function.options.consumer_group);
        }
        "timer" => {
            span.record("faas.cron", function.source()).record("faas.time", rfc3339(SystemTime::now()));
        }
        _ => {}
    }
}

fn record_event(span: &tracing::Span, function: &'static Spec, record: &Record) {
    let source = function.source().unwrap_or_default();
    let document = |collection, name, operation: &str, time: Option<SystemTime>| {
        span.record("faas.document.collection", cut(collection))
            .record("faas.document.name", cut(name))
            .record("faas.document.operation", operation)
            .record("faas.document.time", time.map(rfc3339));
    };
    match &record.event {
        Ok(Event::Object(object)) => {
            let operation = match object.change {
                ObjectChange::Created => "insert",
                ObjectChange::Deleted => "delete",
                _ => "edit",
            };
            document(&object.bucket, &object.key, operation, object.time);
        }
        Ok(Event::Change(change)) => {
            let operation = match change.kind {
                ChangeKind::Inserted => "insert",
                ChangeKind::Deleted => "delete",
                _ => "edit",
            };
            document(function.options.database.unwrap_or(source), source, operation, change.time);
        }
        Ok(Event::Cloud(event)) => {
            span.record("cloudevents.event_id", cut(&event.id))
                .record("cloudevents.event_source", cut(&event.source))
                .record("cloudevents.event_type", cut(&event.r#type));
        }
        _ => {}
    }
    if trigger(function.class()) == "pubsub" {
        let id = record.event.as_ref().ok().and_then(Event::id).or(record.id.as_deref());
        span.record("messaging.message.id", id.map(cut));
    }
}

/// The `faas.trigger` of a class.
fn trigger(class: Class) -> &'static str {
    match class {
        Class::Http => "http",
        Class::Queue | Class::Topic | Class::Stream => "pubsub",
        Class::Storage | Class::Changes => "datasource",
        Class::Schedule => "timer",
        _ => "other",
    }
}

/// The name of the span of a delivery, or of a record of it.
fn name(function: &'static Spec) -> Cow<'static, str> {
    match function.source().filter(|_| trigger(function.class()) == "pubsub") {
        Some(source) => format!("process {source}").into(),
        None => function.name.into(),
    }
}
