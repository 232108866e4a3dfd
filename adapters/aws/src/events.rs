//! Events of queues, topics, streams, buckets, schedules, tables and buses, as records for one function.

mod bridge;
mod bucket;
mod log;
mod probe;
mod reply;
mod sqs;
mod stream;
mod table;
mod text;

use bytes::Bytes;
use http::{HeaderMap, Response};
use omnifn_core::{
    Delivery, Error, ErrorKind, Event, Outcome, Payload, Record, Spec,
    event::{Class, Message, Tick},
};
use serde_json::value::RawValue;

use crate::{Aws, http::source};
use probe::{Probe, Records};

/// What a reply has to name, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Batch {
    /// Each record that failed, by its id: of several with one id, each counts.
    Items(Vec<Option<Bytes>>),
    /// Nothing: where one record fails, the whole invocation does.
    Whole,
}

/// The records of an event, for their function, and what the reply has to name.
type Decoded = Result<(Batch, Delivery), Error>;

/// How events are read and answered, where a program has functions for them.
#[derive(Debug)]
pub(crate) struct Codec {
    /// Takes the head where it can read the event.
    pub(crate) decode: fn(&Aws, &mut HeaderMap, &Bytes) -> Decoded,
    pub(crate) encode: fn(&Batch, &[Outcome]) -> Response<Payload>,
}

pub(crate) const CODEC: Codec = Codec { decode, encode: reply::encode };

/// The records of an event that is no HTTP request, for the function that it is for; or what is wrong with it.
fn decode(aws: &Aws, head: &mut HeaderMap, event: &Bytes) -> Decoded {
    let (system, (function, batch, records)) = match queued(aws, event) {
        Some(read) => (probe::SQS, read),
        None => read(aws, event)?,
    };
    let mut invocation = aws.platform.delivery(std::mem::take(head), event);
    invocation.system = system;
    Ok((batch, Delivery { function, records, invocation }))
}

/// The same for a batch of SQS as it usually comes. Whatever there is to be said against it, [`read`] says.
fn queued(aws: &Aws, event: &Bytes) -> Option<Read> {
    let mut function = None;
    let (mut ids, mut records) = (Vec::new(), Vec::new());
    sqs::quick(event, |message, raw| {
        let function = match function {
            Some(function) => function,
            // The first one is all that the function is chosen by.
            None => {
                let is_of_queues = |spec: &Spec| matches!(spec.class(), Class::Http | Class::Queue);
                let claims = message.claims(!aws.functions.iter().all(is_of_queues));
                // As many as there are of this size, but for a first one that is far smaller than the others.
                let count = (event.len() / raw.len().max(1)).min(1024);
                ids.reserve(count);
                records.reserve(count);
                *function.insert(aws.functions.choose("", &borrowed(&claims)).ok()?)
            }
        };
        message.records(event.slice_ref(raw.as_bytes()), function, |id, record| {
            ids.push(id);
            records.push(record);
        });
        Some(())
    })?;
    Some((function?, Batch::Items(ids), records))
}

fn read(aws: &Aws, event: &Bytes) -> Result<(Option<&'static str>, Read), Error> {
    let probe: Probe<'_> = serde_json::from_slice(event).map_err(|e| {
        Error::new(ErrorKind::Decode, format!("{} bytes came that are no JSON object", event.len()))
            .with_json_source(&e)
    })?;
    Ok(match probe.records()? {
        Some(records) => (records.system(), of_records(aws, event, &records)?),
        // Whose they would be does not matter.
        None if probe.is_empty() => (None, (any(aws)?, Batch::Whole, Vec::new())),
        None if probe.is_bridge() => {
            let function = aws.functions.choose(&bridge::came(&probe), &borrowed(&bridge::claims(&probe)))?;
            (None, (function, Batch::Whole, vec![Record::new(bridge::read(&probe, event, function))]))
        }
        None => {
            let function = declared(aws, event)?;
            (None, (function, Batch::Whole, vec![Record::new(Ok(as_declared(event, function)))]))
        }
    })
}

fn any(aws: &Aws) -> Result<&'static Spec, Error> {
    let none = || Error::new(ErrorKind::Unsupported, "an event without records came, and no function takes events");
    aws.functions.of_events().next().ok_or_else(none)
}

/// A claim whose source is a text of its own.
pub(crate) type Claim = (Class, Option<String>);

fn borrowed(claims: &[Claim]) -> Vec<(Class, Option<&str>)> {
    claims.iter().map(|(class, source)| (*class, source.as_deref())).collect()
}

type Read = (&'static Spec, Batch, Vec<Record>);

fn of_records(aws: &Aws, event: &Bytes, records: &Records<'_>) -> Result<Read, Error> {
    let claims = records.claims();
    let function = aws.functions.choose_or_tell(&borrowed(&claims), || records.came())?;
    let raw = |record: &RawValue| event.slice_ref(record.get().as_bytes());
    // An id that is no part of the event.
    let own = |(id, record): (Option<String>, Record)| (id.map(Bytes::from), record);
    let read: Vec<_> = match records {
        Records::Sqs(list) => list.iter().flat_map(|record| sqs::read(record, raw(record), function)).collect(),
        Records::Sns(list) => {
            list.iter().flat_map(|record| text::sns(record, raw(record), function)).map(own).collect()
        }
        Records::S3(list) => list.iter().map(|record| (None, bucket::record(record, raw(record)))).collect(),
        Records::Kinesis(list) => list.iter().map(|record| own(stream::kinesis(record, raw(record)))).collect(),
        Records::Kafka(list) => {
            list.iter().map(|(place, record)| own(stream::kafka(place, record, raw(record)))).collect()
        }
        Records::DynamoDb(list) => list.iter().map(|record| own(table::record(record, raw(record)))).collect(),
        Records::TestOfS3 => Vec::new(),
    };
    let (ids, records_read): (Vec<_>, Vec<_>) = read.into_iter().unzip();
    let batch = match records {
        Records::Sqs(_) | Records::Kinesis(_) | Records::DynamoDb(_) => Batch::Items(ids),
        _ => Batch::Whole,
    };
    Ok((function, batch, records_read))
}

/// The function for an event that no key tells the source of: an IoT rule's, a schedule's with an input of its own. It has to be
/// the only one, for what came says nothing.
fn declared(aws: &Aws, event: &Bytes) -> Result<&'static Spec, Error> {
    const CLASSES: [Class; 5] = [Class::Schedule, Class::Stream, Class::Topic, Class::Queue, Class::Event];
    let source::Source { came, is_known, is_empty, .. } = source::name(event);
    // What a schedule was given to send along may be nothing.
    let is_empty_input = |function: &Spec| function.class() == Class::Schedule && is_empty;
    match aws.functions.only_of_events() {
        Some(function) if (!is_known || is_empty_input(function)) && CLASSES.contains(&function.class()) => {
            Ok(function)
        }
        _ => Err(aws
            .functions
            .choose(came.trim_end_matches(','), &[])
            .err()
            .unwrap_or_else(|| Error::new(ErrorKind::Unsupported, format!("{came} came, which no function takes")))),
    }
}

/// The whole event, as the function declares it.
fn as_declared(event: &Bytes, function: &Spec) -> Event {
    match function.class() {
        Class::Schedule => {
            let mut tick = Tick::new();
            tick.input = event.clone();
            Event::from(tick)
        }
        Class::Event => bridge::custom(event, function),
        _ => {
            let mut message = Message::new(event.clone());
            message.content_type = Some("application/json".to_owned());
            Event::from(message)
        }
    }
}
