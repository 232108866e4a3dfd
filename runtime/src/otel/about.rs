//! What a span says of its invocation, by the conventions for [functions](https://opentelemetry.io/docs/specs/semconv/faas/faas-spans/),
//! [HTTP](https://opentelemetry.io/docs/specs/semconv/http/http-spans/),
//! [messages](https://opentelemetry.io/docs/specs/semconv/messaging/messaging-spans/) and
//! [CloudEvents](https://opentelemetry.io/docs/specs/semconv/cloudevents/). Never a payload, a header or a query.

use std::{borrow::Cow, time::SystemTime};

use http::{Method, StatusCode};
use omnifn_core::{
    Context, Event, Invocation, Spec,
    event::{ChangeKind, Class, ObjectChange, time::rfc3339},
};
use opentelemetry::{
    KeyValue,
    trace::{SpanKind, SpanRef},
};

type Attributes = Vec<KeyValue>;

/// The longest text from outside that a span holds, in bytes: anyone may send a long one.
const LONGEST: usize = 1024;

/// As much of a text as a span holds.
fn cut(text: &str) -> &str {
    let fits = |end: &usize| text.is_char_boundary(*end);
    let end = (0..=LONGEST.min(text.len())).rev().find(fits).unwrap_or_default();
    &text[..end]
}

/// The `faas.trigger` of a class.
pub(super) fn trigger(class: Class) -> &'static str {
    match class {
        Class::Http => "http",
        Class::Queue | Class::Topic | Class::Stream => "pubsub",
        Class::Storage | Class::Changes => "datasource",
        Class::Schedule => "timer",
        _ => "other",
    }
}

pub(super) fn kind(class: Class) -> SpanKind {
    match class {
        Class::Queue | Class::Topic | Class::Stream | Class::Event => SpanKind::Consumer,
        _ => SpanKind::Server,
    }
}

/// The name of the span of a delivery, or of a record of it.
pub(super) fn name(function: &'static Spec) -> Cow<'static, str> {
    match function.source().filter(|_| trigger(function.class()) == "pubsub") {
        Some(source) => format!("process {source}").into(),
        None => function.name.into(),
    }
}

/// What is said of each invocation.
pub(super) fn invocation(trigger: &'static str, invocation: &Invocation, cold_start: bool) -> Attributes {
    let mut attributes = Vec::with_capacity(10);
    attributes.push(KeyValue::new("faas.trigger", trigger));
    attributes.push(KeyValue::new("faas.coldstart", cold_start));
    if let Some(id) = invocation.id.as_deref() {
        attributes.push(KeyValue::new("faas.invocation_id", cut(id).to_owned()));
    }
    attributes
}

/// What is said of a request; the span's name, until its route is known.
pub(super) fn request(method: &Method, path: &str, attributes: &mut Attributes) -> &'static str {
    let known = known(method);
    attributes.push(KeyValue::new("http.request.method", known.unwrap_or("_OTHER")));
    attributes.push(KeyValue::new("url.path", cut(path).to_owned()));
    known.unwrap_or("HTTP")
}

/// The methods that the conventions know: of others there could be any number.
fn known(method: &Method) -> Option<&'static str> {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH"];
    KNOWN.into_iter().find(|known| *known == method.as_str())
}

/// What is known of a request when it was answered.
pub(super) fn answer(span: &SpanRef<'_>, context: &Context, method: &str, status: Option<StatusCode>) {
    if !context.function_name().is_empty() {
        span.set_attribute(KeyValue::new("omnifn.function", context.function_name()));
    }
    if let Some(route) = context.route() {
        span.set_attribute(KeyValue::new("http.route", route));
        span.update_name(format!("{method} {route}"));
    }
    if let Some(status) = status {
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    }
}

/// What is said of a function that takes events, whatever the event.
pub(super) fn function(function: &'static Spec, system: Option<&'static str>, attributes: &mut Attributes) {
    attributes.push(KeyValue::new("omnifn.function", function.name));
    let source = function.source().unwrap_or_default();
    match trigger(function.class()) {
        "pubsub" => {
            attributes.extend(system.map(|system| KeyValue::new("messaging.system", system)));
            attributes.push(KeyValue::new("messaging.operation.name", "process"));
            attributes.push(KeyValue::new("messaging.operation.type", "process"));
            attributes.push(KeyValue::new("messaging.destination.name", source));
            let names = [
                ("messaging.destination.subscription.name", function.options.subscription),
                ("messaging.consumer.group.name", function.options.consumer_group),
            ];
            attributes.extend(names.into_iter().filter_map(|(key, name)| Some(KeyValue::new(key, name?))));
        }
        "timer" => {
            attributes.push(KeyValue::new("faas.cron", source));
            attributes.push(KeyValue::new("faas.time", rfc3339(SystemTime::now())));
        }
        _ => {}
    }
}

/// What is said of one record.
pub(super) fn record(function: &'static Spec, event: Option<&Event>, id: Option<&str>, attributes: &mut Attributes) {
    let mut say = |key: &'static str, value: Cow<'_, str>| attributes.push(KeyValue::new(key, cut(&value).to_owned()));
    let source = function.source().unwrap_or_default();
    match event {
        Some(Event::Object(object)) => {
            say("faas.document.collection", (&object.bucket).into());
            say("faas.document.name", (&object.key).into());
            let operation = match object.change {
                ObjectChange::Created => "insert",
                ObjectChange::Deleted => "delete",
                _ => "edit",
            };
            say("faas.document.operation", operation.into());
            if let Some(time) = object.time {
                say("faas.document.time", rfc3339(time).into());
            }
        }
        Some(Event::Change(change)) => {
            say("faas.document.collection", function.options.database.unwrap_or(source).into());
            say("faas.document.name", source.into());
            let operation = match change.kind {
                ChangeKind::Inserted => "insert",
                ChangeKind::Deleted => "delete",
                _ => "edit",
            };
            say("faas.document.operation", operation.into());
            if let Some(time) = change.time {
                say("faas.document.time", rfc3339(time).into());
            }
        }
        Some(Event::Cloud(event)) => {
            say("cloudevents.event_id", (&event.id).into());
            say("cloudevents.event_source", (&event.source).into());
            say("cloudevents.event_type", (&event.r#type).into());
        }
        _ => {}
    }
    if let Some(id) = event.and_then(Event::id).or(id)
        && trigger(function.class()) == "pubsub"
    {
        say("messaging.message.id", id.into());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(cut("a short one"), "a short one");
        assert_eq!(cut(&"x".repeat(LONGEST)).len(), LONGEST);
        // Three bytes each.
        let cups = "☕".repeat(LONGEST);
        assert_eq!(cut(&cups), "☕".repeat(LONGEST / 3));
    }
}
