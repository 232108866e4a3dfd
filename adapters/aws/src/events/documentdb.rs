//! Change streams of DocumentDB.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event,
    event::{Change, ChangeKind, Class, time},
    json::{self, Object, Str},
};
use serde::Deserialize;
use serde_json::{Map, Number, Value, value::RawValue};

use super::{Batch, Read, broken, choose, empty};
use crate::Aws;

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow)]
    event: Object<Changed<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Changed<'a> {
    #[serde(borrow, rename = "_id")]
    id: Option<Object<Token<'a>>>,
    cluster_time: Option<Value>,
    document_key: Option<Value>,
    full_document: Option<Value>,
    #[serde(borrow)]
    ns: Option<Object<Namespace<'a>>>,
    #[serde(borrow)]
    operation_type: Option<Str<'a>>,
}

/// The position in the change stream.
#[derive(Deserialize)]
struct Token<'a> {
    #[serde(borrow, rename = "_data")]
    data: Option<Str<'a>>,
}

#[derive(Deserialize)]
struct Namespace<'a> {
    #[serde(borrow)]
    coll: Option<Str<'a>>,
}

/// Reads a batch of changes, which stay in order. The reply cannot name one of them.
pub(super) fn read(aws: &Aws, event: &Bytes, events: Option<&RawValue>, arn: Option<&str>) -> Result<Read, Error> {
    let events = events.map_or("null", RawValue::get);
    let list: Vec<&RawValue> = json::from_slice(events.as_bytes(), "`events` of the event")?;
    let read: Vec<_> = list
        .iter()
        .map(|entry| json::object::<Entry<'_>>(entry.get().as_bytes(), "this event of DocumentDB"))
        .collect();
    let Some(first) = read.first() else { return empty(aws) };
    let collection = first.as_ref().ok().and_then(|entry| entry.event.ns.as_ref()?.coll.as_deref());
    let collection = collection.map(str::to_owned);
    let function = choose(aws, &[(Class::Changes, collection)], || "an event of DocumentDB".to_owned())?;
    let records = list.iter().zip(read).map(|(raw, read)| {
        let raw = json::slice(event, raw.get().as_bytes());
        let mut record = match read {
            Ok(Entry { event: Object(wire) }) => {
                let id = wire.id.as_ref().and_then(|id| id.data.as_deref()).map(str::to_owned);
                let mut record = omnifn_core::Record::new(change(wire, arn).map(Event::from));
                (record.id, record.raw) = (id, Some(raw));
                record
            }
            Err(error) => broken(None, error, raw),
        };
        record.group = Some(arn.unwrap_or_default().to_owned());
        record
    });
    Ok(Read { function, batch: Batch::Whole, records: records.collect(), system: None })
}

fn change(wire: Changed<'_>, arn: Option<&str>) -> Result<Change, Error> {
    let kind = match wire.operation_type.as_deref().unwrap_or_default() {
        "insert" => ChangeKind::Inserted,
        "update" | "replace" => ChangeKind::Updated,
        "delete" => ChangeKind::Deleted,
        other => {
            let text = format!(
                "DocumentDB reports {other:?}, which is not a change of a document: set a filter on the event source mapping for the \
                 operation types insert, update, replace and delete"
            );
            return Err(Error::new(ErrorKind::Decode, text));
        }
    };
    let mut change = Change::new(kind, None, wire.full_document.map(plain));
    change.key = wire.document_key.map(plain);
    change.source = arn.map(str::to_owned);
    let seconds = wire.cluster_time.as_ref().and_then(|time| time.pointer("/$timestamp/t"));
    change.time = seconds.and_then(Value::as_i64).and_then(|seconds| time::from_millis(seconds.checked_mul(1000)?));
    let position = wire.id.and_then(|Object(token)| token.data).map(Str::into_string);
    change.id.clone_from(&position);
    change.sequence = position;
    Ok(change)
}

/// Returns a document of MongoDB's Extended JSON as plain JSON: ids, dates and decimals as text, numbers as numbers, bytes as base64.
/// <https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/>
fn plain(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(plain).collect(),
        Value::Object(map) => match typed(&map) {
            Some(value) => value,
            None => map.into_iter().map(|(name, value)| (name, plain(value))).collect::<Map<_, _>>().into(),
        },
        other => other,
    }
}

/// Returns the value of an object whose only key is the name of a type.
fn typed(map: &Map<String, Value>) -> Option<Value> {
    let mut entries = map.iter();
    let (Some((name, value)), None) = (entries.next(), entries.next()) else { return None };
    match (name.as_str(), value) {
        ("$oid" | "$numberDecimal" | "$symbol" | "$uuid", Value::String(text)) => Some(text.as_str().into()),
        ("$numberInt" | "$numberLong", Value::String(text)) => text.parse::<i64>().ok().map(Value::from),
        ("$numberDouble", Value::String(text)) => {
            let number = text.parse::<f64>().ok().and_then(Number::from_f64);
            Some(number.map_or_else(|| text.as_str().into(), Value::Number))
        }
        ("$date", Value::String(text)) => Some(text.as_str().into()),
        ("$date", Value::Object(millis)) => {
            let millis = millis.get("$numberLong")?.as_str()?.parse().ok()?;
            Some(time::rfc3339(time::from_millis(millis)?).into())
        }
        ("$binary", Value::Object(binary)) => binary.get("base64").filter(|base64| base64.is_string()).cloned(),
        _ => None,
    }
}
