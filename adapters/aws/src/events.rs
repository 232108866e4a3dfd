//! Events of queues, topics, streams, buckets, schedules, tables and buses, as records for one function.

mod activemq;
mod cloudwatch_logs;
mod documentdb;
mod dynamodb;
mod event_bridge;
pub(crate) mod invoke;
mod kafka;
mod kinesis;
pub(crate) mod payload;
mod rabbitmq;
mod reply;
mod s3;
mod schedule;
mod sns;
mod sqs;
pub(crate) mod unsupported;

use bytes::Bytes;
use http::HeaderMap;
use omnifn_core::{
    Delivery, Error, ErrorClass, ErrorKind, Record, Spec,
    event::Class,
    json::{self, Elements, text_at},
    log::cut,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{
    Aws,
    detect::{Probe, is_kafka, string},
};

pub(crate) use reply::encode;

/// How a reply names the failed records.
#[derive(Debug, Clone)]
pub(crate) enum Batch {
    /// By the id of the message that each was in.
    Items(Items),
    /// By the partition and the offset of each record of Kafka.
    Partitions(kafka::Lists),
    /// Not at all: if one record fails, the whole invocation does.
    Whole,
}

/// The messages of a batch, from which the ids of those that failed are read.
#[derive(Debug, Clone)]
pub(crate) struct Items {
    list: Elements,
    function: &'static Spec,
    /// The path of the id within a message, such as `["kinesis", "sequenceNumber"]`.
    id: &'static [&'static str],
    /// Reads the records of a message.
    read: fn(&Bytes, &'static Spec, usize) -> Opened,
}

impl Items {
    /// Returns the id of each message, and the number of its records.
    fn messages(&self) -> impl Iterator<Item = (Option<String>, usize)> + use<'_> {
        let mut before = 0_usize;
        self.list.clone().map(move |message| {
            // Only messages of S3 contain several records, or none.
            let records = match self.function.class() {
                Class::Storage => (self.read)(&message, self.function, before).len,
                _ => 1,
            };
            before = before.saturating_add(records);
            (text_at(&message, self.id), records)
        })
    }
}

/// The records of one message, which may be several.
struct Opened {
    len: usize,
    records: Box<dyn Iterator<Item = Record> + Send>,
}

impl Opened {
    fn new(records: impl ExactSizeIterator<Item = Record> + Send + 'static) -> Self {
        Opened { len: records.len(), records: Box::new(records) }
    }
}

/// The records of an event, which are decoded when they are needed.
type Records = Box<dyn Iterator<Item = Record> + Send>;

/// The function for an event, and its records.
struct Read {
    function: &'static Spec,
    batch: Batch,
    records: Records,
    /// OpenTelemetry's name of the messaging system.
    system: Option<&'static str>,
}

/// The class that an event could be read as, and the short name of its source.
type Claim = (Class, Option<String>);

/// Reads an event of the only function, whose payload belongs to the user.
pub(crate) fn decode_payload(
    aws: &Aws,
    head: HeaderMap,
    event: &Bytes,
    function: &'static Spec,
) -> Result<(Batch, Delivery), Error> {
    Ok(deliver(aws, head, event, payload::read(aws, event, function)?))
}

/// Reads the records of an event that is not an HTTP request, for the function that it is for.
pub(crate) fn decode(
    aws: &Aws,
    head: HeaderMap,
    event: &Bytes,
    probe: Result<Probe<'_>, Error>,
) -> Result<(Batch, Delivery), Error> {
    if aws.functions.of_events().next().is_none() {
        return Err(unsupported::not_json_for_http(event).unwrap_or_else(|| unsupported::not_http(event)));
    }
    let read = match probe {
        Ok(probe) => read(aws, event, probe)?,
        Err(_) if unsupported::is_not_an_object(event) => return Err(unsupported(aws, event)),
        Err(error) => return Err(error),
    };
    Ok(deliver(aws, head, event, read))
}

fn deliver(aws: &Aws, head: HeaderMap, event: &Bytes, read: Read) -> (Batch, Delivery) {
    let Read { function, batch, records, system } = read;
    let mut invocation = aws.platform.delivery(head, event);
    invocation.system = system;
    (batch, Delivery::new(function, records, invocation))
}

fn read(aws: &Aws, event: &Bytes, probe: Probe<'_>) -> Result<Read, Error> {
    if probe.is_s3_test() {
        let function = choose(aws, &[(Class::Storage, None)], || "a test event of S3".to_owned())?;
        return Ok(nothing(function));
    }
    match probe.event_source().as_deref() {
        Some(source) if is_kafka(source) => return kafka::read(aws, event, probe.kafka_records, probe.cluster()),
        Some("aws:mq") => return activemq::read(aws, event, probe.messages, probe.broker()),
        Some("aws:rmq") => return rabbitmq::read(aws, event, probe.rabbitmq_messages, probe.broker()),
        Some("aws:docdb") => {
            let arn = string(probe.event_source_arn);
            return documentdb::read(aws, event, probe.documentdb_events, arn.as_deref());
        }
        _ => {}
    }
    if let Some(logs) = probe.logs() {
        return cloudwatch_logs::read(aws, &logs);
    }
    if probe.is_event_bridge() {
        return event_bridge::read(aws, event);
    }
    if probe.is_firehose() {
        return Err(unsupported(aws, event));
    }
    if probe.window.is_some() {
        warn_of_window();
    }
    let Some(records) = probe.records else { return Err(unsupported(aws, event)) };
    let records = records_of(event, records)?;
    let Some(first) = records.clone().next() else { return empty(aws) };
    match source(&first).as_deref() {
        Some("aws:sqs") => batch::<sqs::Sqs>(aws, records),
        Some("aws:sns") => batch::<sns::Sns>(aws, records),
        Some("aws:s3") => batch::<s3::S3>(aws, records),
        Some("aws:kinesis") => batch::<kinesis::Kinesis>(aws, records),
        Some("aws:dynamodb") => batch::<dynamodb::DynamoDb>(aws, records),
        _ => Err(unsupported(aws, event)),
    }
}

/// Returns the records of an event, as far as there are no more than a delivery can have.
fn records_of(event: &Bytes, records: &RawValue) -> Result<Elements, Error> {
    Elements::within(event, records, Delivery::RECORDS, "`Records` of the event")
}

/// Returns an event without records.
fn nothing(function: &'static Spec) -> Read {
    Read { function, batch: Batch::Whole, records: Box::new(std::iter::empty()), system: None }
}

/// Warns once that the state of a tumbling window is not returned.
fn warn_of_window() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        tracing::warn!(
            "this event source mapping has a tumbling window, whose state omnifn does not return: each invocation starts with an empty \
             state; set TumblingWindowInSeconds to 0"
        );
    });
}

/// Returns an empty batch, for which it does not matter which function takes it.
fn empty(aws: &Aws) -> Result<Read, Error> {
    let none = || Error::new(ErrorKind::Unsupported, "received an event without records, but no function takes events");
    let function = aws.functions.of_events().next().ok_or_else(none)?;
    Ok(nothing(function))
}

/// Returns which service wrote a record.
fn source(record: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    struct First<'a> {
        #[serde(rename = "eventSource", borrow)]
        lower: Option<&'a RawValue>,
        #[serde(rename = "EventSource", borrow)]
        upper: Option<&'a RawValue>,
    }
    let first: json::Object<First<'_>> = json::parse(record).ok()?;
    string(first.lower).or_else(|| string(first.upper)).map(json::Str::into_string)
}

/// A service whose events are lists of records.
trait Source {
    /// A record.
    type Record<'a>: Deserialize<'a>;
    /// The name of the service, for errors.
    const SERVICE: &'static str;
    /// The service's own name of a record, for errors.
    const RECORD: &'static str;
    /// OpenTelemetry's name of the messaging system.
    const SYSTEM: Option<&'static str> = None;
    /// The class of a record that cannot be decoded.
    const CLASS: Class;
    /// Where the id is in a record.
    const ID: &'static [&'static str];
    /// Whether a reply can name the records that failed, by their ids.
    const REPORTS_FAILURES: bool = false;
    /// Whether a failure stops the records after it.
    const IS_STREAM: bool = false;

    /// Returns the classes that the record could be read as, the innermost first.
    fn claims(record: &Self::Record<'_>) -> Vec<Claim>;

    /// Decodes the record as the function declares it. One message may contain several records.
    fn read(record: Self::Record<'_>, raw: &Bytes, function: &'static Spec) -> Opened;
}

fn batch<S: Source>(aws: &Aws, list: Elements) -> Result<Read, Error> {
    let first = list.clone().next().unwrap_or_default();
    let claims = match wire::<S>(&first) {
        Ok(first) => S::claims(&first),
        _ => vec![(S::CLASS, None)],
    };
    let function = choose(aws, &claims, || {
        let count = list.len();
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        let from = claims.last().and_then(|(_, source)| source.as_deref());
        let from = from.map(|source| format!(" (from {})", cut(source))).unwrap_or_default();
        format!("an event of {} with {records}{from}", S::SERVICE)
    })?;
    let mut count = 0_usize;
    let records = list.clone().flat_map(move |message| {
        let opened = open::<S>(&message, function, count);
        count = count.saturating_add(opened.len);
        opened.records
    });
    let items = Items { list, function, id: S::ID, read: open::<S> };
    let batch = if S::REPORTS_FAILURES { Batch::Items(items) } else { Batch::Whole };
    Ok(Read { function, batch, records: Box::new(records), system: S::SYSTEM })
}

fn wire<'a, S: Source>(record: &'a [u8]) -> Result<S::Record<'a>, Error> {
    json::object(record, format_args!("this {} of {}", S::RECORD, S::SERVICE))
}

/// The most records of a delivery whose messages contain several each.
const INNER_RECORDS: usize = 2 * Delivery::RECORDS;

/// Reads the records of a message. There were `before` in the messages before it.
fn open<S: Source>(raw: &Bytes, function: &'static Spec, before: usize) -> Opened {
    let opened = match wire::<S>(raw) {
        Ok(record) => S::read(record, raw, function),
        Err(error) => return Opened::new([unreadable::<S>(error, raw)].into_iter()),
    };
    match opened.len {
        len if len > 1 && before.saturating_add(len) > INNER_RECORDS => {
            let text = format!(
                "the messages of this delivery contain more than {INNER_RECORDS} records, the most that are accepted: set a smaller BatchSize"
            );
            let error = Error::new(ErrorKind::TooLarge, text).with_class(ErrorClass::Retry);
            Opened::new([unreadable::<S>(error, raw)].into_iter())
        }
        _ => opened,
    }
}

/// Returns the record of a message that cannot be decoded.
fn unreadable<S: Source>(error: Error, raw: &Bytes) -> Record {
    let mut broken = broken(text_at(raw, S::ID), error, raw.clone());
    broken.group = S::IS_STREAM.then(|| text_at(raw, &["eventSourceARN"]).unwrap_or_default());
    broken
}

fn choose(aws: &Aws, claims: &[Claim], what: impl FnOnce() -> String) -> Result<&'static Spec, Error> {
    let claims: Vec<_> = claims.iter().map(|(class, source)| (*class, source.as_deref())).collect();
    aws.functions.choose_with(&claims, what)
}

/// Returns the error for an event that no function takes.
fn unsupported(aws: &Aws, event: &Bytes) -> Error {
    let source = unsupported::source(event);
    let refused = || Error::new(ErrorKind::Unsupported, format!("received {}, which no function takes", source.name));
    aws.functions.choose(source.name.trim_end_matches(','), &[]).err().unwrap_or_else(refused)
}

/// Returns a record with an error instead of an event.
fn broken(id: Option<String>, error: Error, raw: Bytes) -> Record {
    let mut record = Record::new(Err(error));
    record.id = id;
    record.raw = Some(raw);
    record
}

/// Returns the error for a content that a service always sends, but that is missing.
fn missing(what: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the {what} is missing or null"))
}

/// Returns the error for a message whose content is of another kind than that of the first message.
fn other_than(function: &Spec) -> Error {
    let text = format!(
        "received a message without any of the {} that the function `{}` takes",
        function.class().takes(),
        function.name
    );
    Error::new(ErrorKind::Decode, text)
}

/// Returns the source of a message: the broker or the cluster as the platform names it, followed by the name of the queue or the topic, which
/// another broker may have, too.
fn source_of(broker: Option<&str>, name: &str) -> String {
    broker.map_or_else(|| name.to_owned(), |broker| format!("{broker}/{name}"))
}

/// Returns a property of a message as text.
fn text_of(value: &RawValue) -> Option<String> {
    match value.get() {
        "null" => None,
        text if text.starts_with('"') => json::parse_str(text).ok(),
        other => Some(other.to_owned()),
    }
}

fn unbase64(text: &str, place: &str) -> Result<Bytes, Error> {
    let decoded = base64_simd::STANDARD.decode_to_vec(text.as_bytes());
    let wrong = |_| Error::new(ErrorKind::Decode, format!("{place} of this record is not valid base64"));
    decoded.map(Bytes::from).map_err(wrong)
}

/// Returns the name in an ARN: its last part, or the table of a table's stream.
fn short_name(arn: &str) -> Option<&str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let mut parts = resource.split('/');
    let first = parts.next()?;
    let name = match first {
        "table" | "stream" | "rule" | "cluster" => parts.next()?,
        _ => first.rsplit(':').next()?,
    };
    (!name.is_empty()).then_some(name)
}
