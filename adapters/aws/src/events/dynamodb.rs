//! Records of DynamoDB Streams.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Spec,
    event::{Change, ChangeKind, Class, time},
    json::{Object, Str},
};
use serde::Deserialize;
use serde_json::{Map, Number, Value};

use super::{Claim, Named, Source, short_name};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(borrow, rename = "eventID")]
    id: Option<Str<'a>>,
    #[serde(borrow)]
    event_name: Option<Str<'a>>,
    #[serde(borrow)]
    dynamodb: Object<Item<'a>>,
    #[serde(borrow, rename = "eventSourceARN")]
    arn: Option<Str<'a>>,
    #[serde(borrow)]
    user_identity: Option<Object<Identity<'a>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Item<'a> {
    keys: Option<Map<String, Value>>,
    new_image: Option<Map<String, Value>>,
    old_image: Option<Map<String, Value>>,
    #[serde(borrow)]
    sequence_number: Option<Str<'a>>,
    approximate_creation_date_time: Option<f64>,
}

/// The author of the change: DynamoDB itself, if an item's time to live had expired.
#[derive(Deserialize)]
struct Identity<'a> {
    #[serde(borrow, alias = "Type")]
    r#type: Option<Str<'a>>,
}

impl<'a> Source<'a> for Record<'a> {
    const SERVICE: &'static str = "DynamoDB Streams";
    const RECORD: &'static str = "record";
    const CLASS: Class = Class::Changes;
    const ID: &'static str = "/dynamodb/SequenceNumber";
    const REPORTS_FAILURES: bool = true;
    const IS_STREAM: bool = true;

    fn claims(&self) -> Vec<Claim> {
        vec![(Class::Changes, self.arn.as_deref().and_then(short_name).map(str::to_owned))]
    }

    fn read(self, raw: &Bytes, _: &Spec) -> Vec<Named> {
        let sequence = self.dynamodb.sequence_number.clone().map(|sequence| sequence.into_bytes(raw));
        let (id, group) = (self.id.clone(), self.arn.clone().unwrap_or_default());
        let mut record = omnifn_core::Record::new(change(self));
        record.id = id.map(Str::into_string);
        record.group = Some(group.into_string());
        record.raw = Some(raw.clone());
        vec![(sequence, record)]
    }
}

fn change(record: Record<'_>) -> Result<Event, Error> {
    let kind = match record.event_name.as_deref().unwrap_or_default() {
        "INSERT" => ChangeKind::Inserted,
        "MODIFY" => ChangeKind::Updated,
        "REMOVE" => ChangeKind::Deleted,
        other => {
            let text = format!("DynamoDB reports {other:?} of an item, which is not a known change");
            return Err(Error::new(ErrorKind::Decode, text));
        }
    };
    let plain = |image: Option<Map<String, Value>>| image.map(object).transpose();
    let Object(item) = record.dynamodb;
    let mut change = Change::new(kind, plain(item.old_image)?, plain(item.new_image)?);
    change.key = plain(item.keys)?;
    change.id = record.id.map(Str::into_string);
    change.source = record.arn.map(Str::into_string);
    change.time = item.approximate_creation_date_time.and_then(time::from_seconds);
    change.sequence = item.sequence_number.map(Str::into_string);
    if kind == ChangeKind::Deleted {
        let is_service = |Object(user): Object<Identity<'_>>| user.r#type.as_deref() == Some("Service");
        change.expired = Some(record.user_identity.is_some_and(is_service));
    }
    Ok(Event::from(change))
}

fn object(map: Map<String, Value>) -> Result<Value, Error> {
    let fields = map.into_iter().map(|(name, value)| {
        let plain =
            self::plain(value, 0).map_err(|e| Error::new(ErrorKind::Decode, format!("the attribute `{name}`: {e}")))?;
        Ok((name, plain))
    });
    fields.collect::<Result<Map<_, _>, Error>>().map(Value::Object)
}

/// An `AttributeValue` as plain JSON: a number as a number (as text, where JSON's would not be the same), bytes as base64, sets
/// as lists.
fn plain(value: Value, depth: usize) -> Result<Value, String> {
    // DynamoDB's own limit is 32.
    if depth > 100 {
        return Err("it is nested too deeply".to_owned());
    }
    let Value::Object(map) = value else { return Err("it is not an AttributeValue".to_owned()) };
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

/// Converts a number of up to 38 digits into a JSON number if JSON can represent it, and otherwise into the original text.
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
