//! Events in the host's envelope, and those that Event Grid posts to a webhook.

mod blob;
mod cosmos_db;
mod envelope;
mod event_grid;
mod event_hubs;
mod service_bus;
mod storage_queue;
mod timer;
pub(crate) mod webhook;

use crate::{Azure, context, http::reply};
use bytes::Bytes;
use envelope::{Envelope, Values};
use http::{Response, request::Parts};
use omnifn_core::{
    Decoded, Delivery, Error, ErrorKind, Event, Outcome, Payload, Record, Refusal, Reply, Spec, TraceContext,
    event::{Class, Message},
    json,
    log::Journal,
};

/// Reads the events in an envelope, for the function that it was posted to.
pub(crate) fn decode(azure: &Azure, head: &Parts, body: &Bytes, function: &'static Spec, journal: Journal) -> Decoded {
    let envelope = context::Envelope { function: Some(function.name.to_owned()), identities: None };
    let client = http::HeaderMap::new();
    let mut invocation = azure.platform.invocation(&azure.host, &head.headers, &client, Some(envelope));
    invocation.raw = Some(body.clone());
    invocation.journal = Some(journal);
    match records(body, function) {
        Ok(records) => Decoded::Delivery(Delivery { function, records, invocation }),
        Err(error) => Decoded::Refused(Refusal { error, invocation_id: invocation.id }),
    }
}

fn records(body: &Bytes, function: &'static Spec) -> Result<Vec<Record>, Error> {
    let envelope: Envelope<'_> = json::object(body, "the envelope of the Functions host (`Data` and `Metadata`)")?;
    let values = Values::of(&envelope)?;
    match function.class() {
        Class::Queue | Class::Topic | Class::Stream => messages(&values, function),
        Class::Storage => blob::records(&values),
        Class::Schedule => timer::tick(&values).map(|tick| vec![Record::new(Ok(Event::from(tick)))]),
        Class::Event => event_grid::records(&values),
        Class::Changes => cosmos_db::records(&values),
        class => {
            Err(Error::new(ErrorKind::Unsupported, format!("an envelope came for a function of {}", class.takes())))
        }
    }
}

fn messages(values: &Values<'_>, function: &Spec) -> Result<Vec<Record>, Error> {
    let Some(trigger) = values.trigger() else { return Err(values.unfit("a message")) };
    if let (Class::Topic, Some(record)) = (function.class(), event_grid::published(trigger)) {
        return Ok(vec![record]);
    }
    let messages = match function.class() {
        Class::Stream => event_hubs::messages(values, trigger),
        _ if storage_queue::is_message(values) => vec![storage_queue::message(values, trigger)],
        _ => service_bus::messages(values, trigger),
    };
    Ok(messages.into_iter().map(|message| record(message, function)).collect())
}

fn record(message: Message, function: &Spec) -> Record {
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
