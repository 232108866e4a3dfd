//! CloudEvents of Eventarc and of any other source, as the function that takes them declares.

use super::{firestore, pubsub, scheduler, storage};
use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Record, Spec, TraceContext,
    cloudevents::{Attributes, Received},
    event::{Class, CloudEvent, Message, Tick},
    log::cut_to,
};

pub(super) const PUBLISHED: &str = "google.cloud.pubsub.topic.v1.messagePublished";

/// An event whose attributes are headers.
pub(super) fn binary(attributes: Attributes<'_>, data: &Bytes, function: &Spec) -> Record {
    if function.class() != Class::Storage || attributes.r#type == PUBLISHED {
        return record(Ok(attributes.into_event(data.clone())), function);
    }
    let trace = attributes.extension("traceparent").and_then(TraceContext::from_traceparent);
    let (id, warning) = (attributes.id.clone().into_owned(), attributes.warning());
    let mut record = Record::new(storage::of_attributes(attributes, data).map(Event::from));
    (record.trace, record.id, record.warning) = (trace, Some(id), warning);
    record
}

pub(super) fn record(received: Result<Received, Error>, function: &Spec) -> Record {
    let (event, warning) = match received {
        Ok(received) => (received.event, received.warning),
        Err(error) => return Record::new(Err(error)),
    };
    let trace = event.extensions.get("traceparent").and_then(|text| TraceContext::from_traceparent(text));
    let id = event.id.clone();
    let mut record = match event.r#type.as_str() {
        PUBLISHED if function.class() != Class::Event => match pubsub::published(&event.data) {
            Ok(message) => pubsub::record(message.of(&event), function),
            Err(error) => Record::new(Err(error)),
        },
        _ => Record::new(self::event(event, function)),
    };
    record.trace = record.trace.or(trace);
    record.id.get_or_insert(id);
    record.warning = warning;
    record
}

fn event(event: CloudEvent, function: &Spec) -> Result<Event, Error> {
    match function.class() {
        Class::Event => Ok(Event::from(event)),
        Class::Queue | Class::Topic | Class::Stream => Ok(Event::from(message(event))),
        Class::Schedule => Ok(Event::from(tick(event))),
        Class::Storage => storage::of_cloud_event(event).map(Event::from),
        Class::Changes => firestore::of_cloud_event(&event).map(Event::from),
        class => Err(mismatch(&event.r#type, class)),
    }
}

/// An event of any source, as a message: what Knative's brokers and channels carry.
fn message(event: CloudEvent) -> Message {
    let time = event.time();
    let mut message = Message::new(event.data);
    message.id = Some(event.id);
    message.source = Some(event.source);
    message.time = time;
    message.subject = event.subject;
    message.content_type = event.data_content_type;
    message.key = event.extensions.get("partitionkey").or_else(|| event.extensions.get("key")).cloned();
    message.sequence = event.extensions.get("sequence").cloned();
    message.attributes = event.extensions;
    message.attributes.insert("type".to_owned(), event.r#type);
    message
}

fn tick(event: CloudEvent) -> Tick {
    let mut tick = Tick::new();
    tick.scheduled = event.time();
    tick.id = Some(event.id);
    tick.source = Some(event.source);
    tick.input = match event.r#type.as_str() {
        scheduler::JOB => scheduler::custom_data(&event.data).unwrap_or_default(),
        _ => event.data,
    };
    tick
}

pub(super) fn mismatch(what: &str, class: Class) -> Error {
    let what = cut_to(what, 120);
    Error::new(
        ErrorKind::Unsupported,
        format!("received an event of the type {what:?}, but this function takes {}", class.takes()),
    )
}
