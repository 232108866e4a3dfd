//! Change streams of DocumentDB.

use std::fmt;

use bytes::Bytes;
use omnifn_core::{
    Delivery, Error, ErrorKind, Event,
    event::{Change, ChangeKind, Class, Json, time},
    json::{self, Elements, Members, Object, Str},
    log::cut,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value, value::RawValue};

use super::{Batch, Read, broken, choose, empty, missing};
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
    #[serde(borrow)]
    cluster_time: Option<&'a RawValue>,
    #[serde(borrow)]
    document_key: Option<&'a RawValue>,
    #[serde(borrow)]
    full_document: Option<&'a RawValue>,
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
    let events = events.ok_or_else(|| missing("list `events` of the event"))?;
    let list = Elements::within(event, events, Delivery::RECORDS, "`events` of the event")?;
    let Some(first) = list.clone().next() else { return empty(aws) };
    let first = wire(&first).ok();
    let collection = first.as_ref().and_then(|entry| entry.event.ns.as_ref()?.coll.as_deref());
    let collection = collection.map(str::to_owned);
    let function = choose(aws, &[(Class::Changes, collection)], || "an event of DocumentDB".to_owned())?;
    let arn = arn.map(str::to_owned);
    let records = list.map(move |raw| record(raw, arn.as_deref()));
    Ok(Read { function, batch: Batch::Whole, records: Box::new(records), system: None })
}

fn wire(entry: &[u8]) -> Result<Entry<'_>, Error> {
    json::object(entry, "this event of DocumentDB")
}

fn record(raw: Bytes, arn: Option<&str>) -> omnifn_core::Record {
    let mut record = match wire(&raw) {
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
}

fn change(wire: Changed<'_>, arn: Option<&str>) -> Result<Change<Json>, Error> {
    let kind = match wire.operation_type.as_deref().unwrap_or_default() {
        "insert" => ChangeKind::Inserted,
        "update" | "replace" => ChangeKind::Updated,
        "delete" => ChangeKind::Deleted,
        other => {
            let text = format!(
                "DocumentDB reports {:?}, which is not a change of a document: set a filter on the event source mapping for the \
                 operation types insert, update, replace and delete",
                cut(other)
            );
            return Err(Error::new(ErrorKind::Decode, text));
        }
    };
    let mut change = Change::new(kind, None, wire.full_document.map(plain).transpose()?);
    change.key = wire.document_key.map(|key| Json::key(plain(key)?.as_bytes())).transpose()?;
    change.source = arn.map(str::to_owned);
    let seconds = wire.cluster_time.and_then(|time| seconds(time.get()));
    change.time = seconds.and_then(|seconds| time::from_millis(seconds.checked_mul(1000)?));
    let position = wire.id.and_then(|Object(token)| token.data).map(Str::into_string);
    change.id.clone_from(&position);
    change.sequence = position;
    Ok(change)
}

/// Returns the seconds of a timestamp: `{"$timestamp": {"t": 1700000000, "i": 1}}`.
fn seconds(json: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct Time {
        #[serde(rename = "$timestamp")]
        timestamp: Object<Timestamp>,
    }
    #[derive(Deserialize)]
    struct Timestamp {
        t: i64,
    }
    json::parse_str::<Object<Time>>(json).ok().map(|Object(time)| time.timestamp.t)
}

/// Returns a document of MongoDB's Extended JSON as plain JSON: ids, dates, and decimals as text, numbers as numbers, bytes as base64
/// (<https://www.mongodb.com/docs/manual/reference/mongodb-extended-json/>).
fn plain(document: &RawValue) -> Result<Json, Error> {
    let mut out = Vec::with_capacity(document.get().len());
    json::parse_seed(document.get(), Plain(&mut out, 0)).map_err(|error| {
        Error::new(ErrorKind::Decode, "the document of this event is not valid JSON").with_json_source(&error)
    })?;
    Ok(Json::new(out))
}

/// Writes a value of Extended JSON as plain JSON. The number is how often a value was read twice, because it could have been a typed one.
struct Plain<'o>(&'o mut Vec<u8>, u8);

impl Plain<'_> {
    fn write<E: serde::de::Error>(self, value: &(impl serde::Serialize + ?Sized)) -> Result<(), E> {
        serde_json::to_writer(self.0, value).map_err(E::custom)
    }
}

impl<'de> DeserializeSeed<'de> for Plain<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Plain<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.write(&())
    }

    fn visit_bool<E: serde::de::Error>(self, value: bool) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<(), E> {
        self.write(&value)
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<(), E> {
        self.write(value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Plain(out, twice) = self;
        json::write_list(out, |out| list.next_element_seed(Plain(out, twice)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Plain(out, twice) = self;
        let start = out.len();
        let mut members = Members::begin(out).map_err(A::Error::custom)?;
        while let Some(name) = map.next_key::<Str<'de>>()? {
            let may_be_typed = members.is_empty() && TYPES.contains(&&*name);
            let out = members.name(&name).map_err(A::Error::custom)?;
            if !may_be_typed {
                map.next_value_seed(Plain(out, twice))?;
                continue;
            }
            let value: &RawValue = map.next_value()?;
            let next = map.next_key::<Str<'de>>()?;
            if next.is_none()
                && let Some(value) = typed(&name, value)
            {
                out.truncate(start);
                return Plain(out, 0).write(&value);
            }
            if twice > 8 {
                return Err(A::Error::custom("it is nested too deeply"));
            }
            let again = Plain(out, twice.saturating_add(1));
            json::parse_seed(value.get(), again).map_err(A::Error::custom)?;
            if let Some(name) = next {
                map.next_value_seed(Plain(members.name(&name).map_err(A::Error::custom)?, twice))?;
            }
        }
        members.end().map_err(A::Error::custom)
    }
}

/// The names of types.
const TYPES: [&str; 9] =
    ["$oid", "$numberDecimal", "$symbol", "$uuid", "$numberInt", "$numberLong", "$numberDouble", "$date", "$binary"];

/// Returns the value of an object whose only key is the name of a type.
fn typed(name: &str, value: &RawValue) -> Option<Value> {
    let text = || json::parse_str::<String>(value.get()).ok();
    match name {
        "$oid" | "$numberDecimal" | "$symbol" | "$uuid" => text().map(Value::from),
        "$numberInt" | "$numberLong" => text()?.parse::<i64>().ok().map(Value::from),
        "$numberDouble" => {
            let text = text()?;
            let number = text.parse::<f64>().ok().and_then(Number::from_f64);
            Some(number.map_or_else(|| text.into(), Value::Number))
        }
        "$date" => match text() {
            Some(text) => Some(text.into()),
            None => {
                let millis = json::text_at(value.get().as_bytes(), &["$numberLong"])?.parse().ok()?;
                Some(time::rfc3339(time::from_millis(millis)?).into())
            }
        },
        "$binary" => json::text_at(value.get().as_bytes(), &["base64"]).map(Value::from),
        _ => None,
    }
}
