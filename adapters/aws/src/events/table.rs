//! Records of DynamoDB Streams.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Record,
    event::{Change, ChangeKind, time},
};
use serde::Deserialize;
use serde_json::{Map, Number, Value, value::RawValue};

use super::log;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stream {
    #[serde(rename = "eventID")]
    id: Option<String>,
    event_name: Option<String>,
    dynamodb: Item,
    #[serde(rename = "eventSourceARN")]
    arn: Option<String>,
    user_identity: Option<Identity>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item {
    keys: Option<Map<String, Value>>,
    new_image: Option<Map<String, Value>>,
    old_image: Option<Map<String, Value>>,
    sequence_number: Option<String>,
    approximate_creation_date_time: Option<f64>,
}

/// Who made the change: DynamoDB itself, where an item's time to live was over.
#[derive(Deserialize)]
struct Identity {
    #[serde(alias = "Type")]
    r#type: Option<String>,
}

/// A change of a table; its sequence number names it in a reply.
pub(super) fn record(record: &RawValue, raw: Bytes) -> (Option<String>, Record) {
    let stream: Stream = match serde_json::from_str(record.get()) {
        Ok(stream) => stream,
        Err(error) => {
            let sequence = log::text_at(record, "dynamodb/SequenceNumber");
            let mut broken = log::failed("record of DynamoDB Streams", sequence.clone(), error, raw);
            broken.group = Some(log::text_at(record, "eventSourceARN").unwrap_or_default());
            return (sequence, broken);
        }
    };
    let sequence = stream.dynamodb.sequence_number.clone();
    let (id, group) = (stream.id.clone(), stream.arn.clone().unwrap_or_default());
    let mut record = Record::new(read(stream));
    record.id = id;
    record.group = Some(group);
    record.raw = Some(raw);
    (sequence, record)
}

fn read(stream: Stream) -> Result<Event, Error> {
    let kind = match stream.event_name.as_deref() {
        Some("INSERT") => ChangeKind::Inserted,
        Some("MODIFY") => ChangeKind::Updated,
        Some("REMOVE") => ChangeKind::Deleted,
        other => {
            let words =
                format!("DynamoDB says that {:?} happened, which is no change of an item", other.unwrap_or_default());
            return Err(Error::new(ErrorKind::Decode, words));
        }
    };
    let plain = |image: Option<Map<String, Value>>| image.map(object).transpose();
    let item = stream.dynamodb;
    let mut change = Change::new(kind, plain(item.old_image)?, plain(item.new_image)?);
    change.key = plain(item.keys)?;
    change.id = stream.id;
    change.source = stream.arn;
    change.time = item.approximate_creation_date_time.and_then(time::from_seconds);
    change.sequence = item.sequence_number;
    if kind == ChangeKind::Deleted {
        change.expired = Some(stream.user_identity.is_some_and(|who| who.r#type.as_deref() == Some("Service")));
    }
    Ok(Event::from(change))
}

fn object(map: Map<String, Value>) -> Result<Value, Error> {
    let fields = map.into_iter().map(|(name, value)| {
        let plain = self::plain(value, 0).map_err(|e| wrong(format!("the attribute `{name}`: {e}")))?;
        Ok((name, plain))
    });
    fields.collect::<Result<Map<_, _>, Error>>().map(Value::Object)
}

/// An `AttributeValue` as plain JSON: a number as a number (as text, where JSON's would not be the same), bytes as base64, sets
/// as lists.
pub(super) fn plain(value: Value, depth: usize) -> Result<Value, String> {
    // DynamoDB's own limit is 32.
    if depth > 100 {
        return Err("it is nested too deeply".to_owned());
    }
    let Value::Object(map) = value else { return Err("it is no AttributeValue".to_owned()) };
    let Some((tag, value)) = map.into_iter().next() else { return Err("it is an empty AttributeValue".to_owned()) };
    Ok(match (tag.as_str(), value) {
        ("S" | "B", text @ Value::String(_)) => text,
        ("N", Value::String(text)) => number(&text),
        ("BOOL", value @ Value::Bool(_)) => value,
        ("NULL", _) => Value::Null,
        ("SS" | "BS", list @ Value::Array(_)) => list,
        ("NS", Value::Array(list)) => {
            let numbers = list.into_iter().map(|value| match value {
                Value::String(text) => number(&text),
                other => other,
            });
            Value::Array(numbers.collect())
        }
        ("L", Value::Array(list)) => {
            Value::Array(list.into_iter().map(|value| plain(value, depth + 1)).collect::<Result<_, _>>()?)
        }
        ("M", Value::Object(map)) => {
            let fields = map.into_iter().map(|(name, value)| Ok((name, plain(value, depth + 1)?)));
            Value::Object(fields.collect::<Result<_, String>>()?)
        }
        (tag, _) => return Err(format!("there is no AttributeValue {tag:?} of this form")),
    })
}

/// A number of up to 38 digits, as the number of JSON that it is, or else as the text that it came as.
fn number(text: &str) -> Value {
    if let Ok(integer) = text.parse::<i64>() {
        return integer.into();
    }
    if let Ok(integer) = text.parse::<u64>() {
        return integer.into();
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let float = text.parse::<f64>().ok().filter(|_| digits <= 15).and_then(Number::from_f64);
    float.map_or_else(|| text.into(), Value::Number)
}

fn wrong(words: String) -> Error {
    Error::new(ErrorKind::Decode, words)
}
