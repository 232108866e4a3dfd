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
use omnifn_core::{Delivery, Error, ErrorKind, Record, Spec, event::Class, json};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use crate::{
    Aws,
    detect::{Probe, is_kafka, string},
};

pub(crate) use reply::encode;

/// The failed records that a reply must name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Batch {
    /// The id of each failed record. Several records may share an id.
    Items(Vec<Option<Bytes>>),
    /// The partition and the offset of each record of Kafka.
    Partitions(Vec<Option<(String, u64)>>),
    /// None: if one record fails, the whole invocation does.
    Whole,
}

/// A record, with the id that names it in a reply.
type Named = (Option<Bytes>, Record);

/// The function for an event, and its records.
struct Read {
    function: &'static Spec,
    batch: Batch,
    records: Vec<Record>,
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
    (batch, Delivery { function, records, invocation })
}

fn read(aws: &Aws, event: &Bytes, probe: Probe<'_>) -> Result<Read, Error> {
    if probe.is_s3_test() {
        let function = choose(aws, &[(Class::Storage, None)], || "a test event of S3".to_owned())?;
        return Ok(Read { function, batch: Batch::Whole, records: Vec::new(), system: None });
    }
    match probe.event_source().as_deref() {
        Some(source) if is_kafka(source) => return kafka::read(aws, event, probe.kafka_records),
        Some("aws:mq") => return activemq::read(aws, event, probe.messages),
        Some("aws:rmq") => return rabbitmq::read(aws, event, probe.rabbitmq_messages),
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
    match probe.records {
        None => Err(unsupported(aws, event)),
        Some(records) if records.is_empty() => empty(aws),
        Some(records) => match records.first().and_then(|record| source(record)).as_deref() {
            Some("aws:sqs") => batch::<sqs::Message<'_>>(aws, event, &records),
            Some("aws:sns") => batch::<sns::Record<'_>>(aws, event, &records),
            Some("aws:s3") => batch::<s3::Record<'_>>(aws, event, &records),
            Some("aws:kinesis") => batch::<kinesis::Record<'_>>(aws, event, &records),
            Some("aws:dynamodb") => batch::<dynamodb::Record<'_>>(aws, event, &records),
            _ => Err(unsupported(aws, event)),
        },
    }
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
    let none = || Error::new(ErrorKind::Unsupported, "an event without records came, and no function takes events");
    let function = aws.functions.of_events().next().ok_or_else(none)?;
    Ok(Read { function, batch: Batch::Whole, records: Vec::new(), system: None })
}

/// Returns which service wrote a record.
fn source(record: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct First<'a> {
        #[serde(rename = "eventSource", borrow)]
        lower: Option<&'a RawValue>,
        #[serde(rename = "EventSource", borrow)]
        upper: Option<&'a RawValue>,
    }
    let first: json::Object<First<'_>> = serde_json::from_str(record.get()).ok()?;
    string(first.lower).or_else(|| string(first.upper)).map(json::Str::into_string)
}

/// A record of one service, in a list of them.
trait Source<'a>: Deserialize<'a> {
    /// The name of the service, for errors.
    const SERVICE: &'static str;
    /// The service's own name of a record, for errors.
    const RECORD: &'static str;
    /// OpenTelemetry's name of the messaging system.
    const SYSTEM: Option<&'static str> = None;
    /// The class of a record that cannot be decoded.
    const CLASS: Class;
    /// Where the id is in a record.
    const ID: &'static str;
    /// Whether a reply can name the records that failed, by their ids.
    const REPORTS_FAILURES: bool = false;
    /// Whether a failure stops the records after it.
    const IS_STREAM: bool = false;

    /// Returns the classes that the record could be read as, the innermost first.
    fn claims(&self) -> Vec<Claim>;

    /// Decodes the record as the function declares it. One message may contain several records.
    fn read(self, raw: &Bytes, function: &Spec) -> Vec<Named>;
}

fn batch<'a, S: Source<'a>>(aws: &Aws, event: &Bytes, list: &[&'a RawValue]) -> Result<Read, Error> {
    let what = format!("this {} of {}", S::RECORD, S::SERVICE);
    let read: Vec<_> = list.iter().map(|record| json::object::<S>(record.get().as_bytes(), &what)).collect();
    let claims = match read.first() {
        Some(Ok(first)) => first.claims(),
        _ => vec![(S::CLASS, None)],
    };
    let function = choose(aws, &claims, || {
        let count = list.len();
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        let from = claims.last().and_then(|(_, source)| source.as_deref());
        let from = from.map(|source| format!(" (from {source})")).unwrap_or_default();
        format!("an event of {} with {records}{from}", S::SERVICE)
    })?;
    let (mut ids, mut records) = (Vec::with_capacity(list.len()), Vec::with_capacity(list.len()));
    for (record, read) in list.iter().zip(read) {
        let raw = json::slice(event, record.get().as_bytes());
        let named = match read {
            Ok(record) => record.read(&raw, function),
            Err(error) => {
                let id = string_at(record, S::ID);
                let mut broken = broken(id.clone(), error, raw);
                broken.group = S::IS_STREAM.then(|| string_at(record, "/eventSourceARN").unwrap_or_default());
                vec![(id.map(Bytes::from), broken)]
            }
        };
        for (id, record) in named {
            ids.push(id);
            records.push(record);
        }
    }
    let batch = if S::REPORTS_FAILURES { Batch::Items(ids) } else { Batch::Whole };
    Ok(Read { function, batch, records, system: S::SYSTEM })
}

fn choose(aws: &Aws, claims: &[Claim], what: impl FnOnce() -> String) -> Result<&'static Spec, Error> {
    let claims: Vec<_> = claims.iter().map(|(class, source)| (*class, source.as_deref())).collect();
    aws.functions.choose_or_tell(&claims, what)
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
        "a message came that contains none of the {} that the function `{}` takes",
        function.class().takes(),
        function.name
    );
    Error::new(ErrorKind::Decode, text)
}

/// Returns a string in a record that cannot be read as a whole.
fn string_at(record: &RawValue, pointer: &str) -> Option<String> {
    let value: Value = serde_json::from_str(record.get()).ok()?;
    value.pointer(pointer).and_then(Value::as_str).map(str::to_owned)
}

/// Returns a property of a message as text.
fn text_of(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
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
