//! The fields of the common types that each shape carries, found by delivering an event and comparing what the function received.

use bytes::Bytes;
use http::Response;
use omnifn::prelude::*;
use omnifn_core::{Event, Inverse, Payload, event::Class};
use omnifn_runtime::dispatch::Dispatch;

use super::{super::setup::Conformance, functions::normal, sample};

/// The fields of an event that a shape carries.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Carried {
    /// The provider.
    pub provider: &'static str,
    /// The class of the event.
    pub class: Class,
    /// The shape.
    pub shape: &'static str,
    /// Each field of the event's type, and what the function sees of it.
    pub fields: Vec<(&'static str, Kept)>,
    /// Whether a message's body that is not UTF-8 arrives as it was sent; `None` for a class without such bodies.
    pub carries_binary: Option<bool>,
    /// The outcome of a delivery of several events of which one fails.
    pub failures: Failures,
}

/// The value of a sent field as a function receives it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// The value that was sent.
    Same,
    /// Another value: the provider has its own word for it.
    Own,
    /// Nothing.
    None,
}

/// The outcome of a delivery of several events of which one fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failures {
    /// The reply names the events that failed, and the provider delivers only those again.
    Each,
    /// The reply reports a failure, and the provider delivers all events again.
    All,
    /// An event is always delivered alone.
    One,
}

/// The bytes of a message that no text has.
const BINARY: &[u8] = b"\xff\x00\xfe\x21";

/// Delivers an event with every field, and compares.
pub(crate) async fn carried<A: Inverse>(
    suite: &Conformance<A>,
    class: Class,
    shape: &'static str,
) -> Result<Carried, String> {
    let provider = (suite.new)(shape).provider();
    let sent = sample::acting(class, "ok");
    let fields = fields(&sent.event);
    let run = suite.deliver_one(class, shape, sent).await.map_err(|e| format!("{provider}, {class}, {shape}: {e}"))?;
    let [seen] = run.seen.as_slice() else {
        return Err(format!("{provider}, {class}, {shape}: the function saw {} events", run.seen.len()));
    };
    let kept = fields.iter().zip(self::fields(seen)).map(|((name, sent), (_, seen))| {
        let kept = match (sent == &seen, seen.as_str()) {
            (true, _) => Kept::Same,
            (false, "None" | "{}" | "b\"\"" | "") => Kept::None,
            (false, _) => Kept::Own,
        };
        (*name, kept)
    });
    let several = suite.deliver(class, shape, sample::several(class, &["ok", "ok", "retry", "ok"])).await;
    let failures = match several.map_err(|e| format!("{provider}, {class}, {shape}: {e}"))? {
        None => Failures::One,
        Some(run) if run.acknowledged.contains(&true) => Failures::Each,
        Some(_) => Failures::All,
    };
    let is_message = matches!(class, Class::Queue | Class::Topic | Class::Stream);
    let carries_binary = if is_message { Some(carries_binary(suite, class, shape).await) } else { None };
    Ok(Carried { provider, class, shape, fields: kept.collect(), carries_binary, failures })
}

#[function(queue = "orders", name = "on_queue")]
async fn binary_queue(message: Message<Bytes>) -> Result<()> {
    intact(&message)
}

#[function(topic = "news", name = "on_topic")]
async fn binary_topic(message: Message<Bytes>) -> Result<()> {
    intact(&message)
}

#[function(stream = "devices", service = "iot", name = "on_device")]
async fn binary_device(message: Message<Bytes>) -> Result<()> {
    intact(&message)
}

#[function(stream = "telemetry", name = "on_stream")]
async fn binary_stream(message: Message<Bytes>) -> Result<()> {
    intact(&message)
}

fn intact(message: &Message<Bytes>) -> Result<()> {
    if message.body == BINARY { Ok(()) } else { Err(Error::reject("other bytes")) }
}

/// Whether a body that is not UTF-8 arrives as it was sent.
async fn carries_binary<A: Inverse>(suite: &Conformance<A>, class: Class, shape: &str) -> bool {
    let app = omnifn::app!(binary_queue, binary_topic, binary_stream, binary_device);
    let Some(function) = app.specs().find(|spec| spec.class() == class && A::delivers(shape, spec)) else {
        return false;
    };
    let Ok(router) = app.only(function.name).router() else { return false };
    let dispatch = Dispatch::new((suite.new)(shape), router);
    let mut message = Message::new(Bytes::from_static(BINARY));
    message.id = Some("1".to_owned());
    let event = Event::from(message);
    let Ok(message) = dispatch.adapter().write_events(shape, function, vec![event]) else { return false };
    let (head, payload) = dispatch.answer(message.clone().map(Payload::Whole)).await.into_parts();
    let Ok(body) = payload.collect(usize::MAX).await else { return false };
    let reply = Response::from_parts(head, body);
    dispatch.adapter().read_outcomes(shape, &message, reply).is_ok_and(|acknowledged| acknowledged == [true])
}

/// Each field by its name, as text.
fn fields(event: &Event) -> Vec<(&'static str, String)> {
    macro_rules! shown {
        ($of:expr, $($field:ident),+) => { vec![$((stringify!($field).trim_start_matches("r#"), format!("{:?}", $of.$field))),+] };
    }
    match event {
        Event::Message(message) => {
            let mut message = message.clone();
            message.body = normal(&message.body);
            shown!(
                message,
                body,
                id,
                source,
                time,
                attributes,
                attempt,
                key,
                sequence,
                partition,
                content_type,
                subject
            )
        }
        Event::Object(object) => shown!(
            object,
            bucket,
            key,
            change,
            id,
            source,
            time,
            size,
            etag,
            version,
            sequence,
            content_type,
            metadata,
            content
        ),
        Event::Tick(tick) => shown!(tick, id, source, scheduled, late, attempt, input),
        Event::Cloud(event) => {
            let mut event = event.clone();
            event.data = normal(&event.data);
            shown!(event, id, source, r#type, subject, time_text, data_content_type, data_schema, extensions, data)
        }
        Event::Change(change) => shown!(change, kind, key, old, new, id, source, time, sequence),
        _ => Vec::new(),
    }
}
