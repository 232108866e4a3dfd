//! Events in the host's envelope, and those that Event Grid posts to a webhook.

mod blob;
mod cosmos_db;
pub(crate) mod envelope;
mod event_grid;
mod event_hubs;
mod service_bus;
mod storage_queue;
mod timer;
pub(crate) mod webhook;

use crate::{Azure, context, http::reply};
use bytes::Bytes;
use envelope::{Forged, Values};
use http::{Response, request::Parts};
use omnifn_core::{
    Decoded, Delivery, Error, ErrorKind, Event, Outcome, Payload, Record, Refusal, Reply, Spec, TraceContext,
    event::{Class, Message},
    log::Journal,
};

/// Reads the events in an envelope, for the function that it was posted to.
pub(crate) fn decode(azure: &Azure, head: &Parts, body: &Bytes, function: &'static Spec, journal: Journal) -> Decoded {
    let envelope = context::Envelope { function: Some(function.name.to_owned()), identities: None };
    let client = http::HeaderMap::new();
    let mut invocation = azure.platform.invocation(&azure.host, &head.headers, &client, Some(envelope));
    invocation.raw = Some(body.clone());
    invocation.journal = Some(journal);
    match records(azure, body, function) {
        Ok(records) => Decoded::Delivery(Delivery::new(function, records, invocation)),
        Err(error) => Decoded::Refused(Refusal { error, invocation_id: invocation.id }),
    }
}

/// The records of an envelope, which are decoded when they are needed.
type Records = Box<dyn Iterator<Item = Record> + Send>;

fn one(record: Record) -> Records {
    Box::new(std::iter::once(record))
}

fn records(azure: &Azure, body: &Bytes, function: &'static Spec) -> Result<Records, Error> {
    let name = function.name;
    match function.class() {
        Class::Queue | Class::Topic => messages(Values::read(azure, name, body)?, body, function),
        Class::Stream => stream(Values::read(azure, name, body)?, body, function),
        Class::Storage => blob::record(Values::read(azure, name, body)?).map(one),
        Class::Schedule => {
            timer::tick(Values::read(azure, name, body)?).map(|tick| one(Record::new(Ok(Event::from(tick)))))
        }
        Class::Event => event_grid::of_trigger(&Values::read(azure, name, body)?).map(one),
        Class::Changes => cosmos_db::records(&Values::read(azure, name, body)?, body),
        class => {
            Err(Error::new(ErrorKind::Unsupported, format!("received an envelope for a function of {}", class.takes())))
        }
    }
}

/// Reads messages of Storage Queues and Service Bus, and for a topic those of Event Grid.
fn messages(
    values: Values<'_, service_bus::Metadata>,
    envelope: &Bytes,
    function: &'static Spec,
) -> Result<Records, Error> {
    if values.is_null() {
        return Err(values.mismatch("a message"));
    }
    if function.class() == Class::Topic
        && let Some(record) = event_grid::published(values.trigger)
    {
        return Ok(one(record));
    }
    if service_bus::is_batch(&values) {
        return Ok(Box::new(service_bus::batch(values, envelope)?.map(|message| record(message, function))));
    }
    let mut message = Message::new(values.body(envelope)?);
    let forged = Forged::by(&message.body);
    match storage_queue::is_message(&values.metadata, &forged) {
        true => storage_queue::fill(&mut message, values.metadata, &forged),
        false => service_bus::fill(&mut message, values.metadata, &forged),
    }
    Ok(one(record(Ok(message), function)))
}

/// Reads events of Event Hubs.
fn stream(
    values: Values<'_, event_hubs::Metadata>,
    envelope: &Bytes,
    function: &'static Spec,
) -> Result<Records, Error> {
    if values.is_null() {
        return Err(values.mismatch("a message"));
    }
    if event_hubs::is_batch(&values) {
        let (partition, messages) = event_hubs::batch(values, envelope)?;
        // One that cannot be decoded is of the same partition.
        let group = partition.unwrap_or_default();
        return Ok(Box::new(messages.map(move |message| {
            let mut record = record(message, function);
            record.group = Some(group.clone());
            record
        })));
    }
    let mut message = Message::new(values.body(envelope)?);
    let forged = Forged::by(&message.body);
    event_hubs::fill(&mut message, values.metadata, &forged);
    Ok(one(record(Ok(message), function)))
}

fn record(message: Result<Message, Error>, function: &Spec) -> Record {
    let message = match message {
        Ok(message) => message,
        Err(error) => return Record::new(Err(error)),
    };
    let trace = message.attributes.get("traceparent").or_else(|| message.attributes.get("Diagnostic-Id"));
    let trace = trace.and_then(|text| TraceContext::from_traceparent(text));
    let (id, partition) = (message.id.clone(), message.partition.clone());
    let session = message.attributes.get("SessionId").or(message.key.as_ref()).cloned();
    let mut record = Record::new(Ok(Event::from(message)));
    record.id = id;
    record.trace = trace;
    // The records of a stream's partition, and of a queue's session, are in order.
    record.group = if function.class() == Class::Stream { Some(partition.unwrap_or_default()) } else { session };
    record
}

/// Returns an envelope if all records are done, and otherwise a failure, which the host handles by the trigger's rules.
pub(crate) fn encode(outcomes: Vec<Outcome>, journal: &Journal) -> Response<Payload> {
    match outcomes.iter().all(Outcome::is_acknowledged) {
        true => reply::acknowledged(&journal.take()),
        false => Reply::Delivered(outcomes).into_http(),
    }
}
