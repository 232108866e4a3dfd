//! Records of DynamoDB Streams.

use std::fmt;

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Spec,
    event::{Change, ChangeKind, Class, Json, time},
    json::{Members, Object, Str, parse_seed, write_list},
    log::cut,
};
use serde::{
    Deserialize, Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Number, Value, value::RawValue};

use super::{Claim, Opened, Source, short_name};

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
    #[serde(borrow)]
    keys: Option<&'a RawValue>,
    #[serde(borrow)]
    new_image: Option<&'a RawValue>,
    #[serde(borrow)]
    old_image: Option<&'a RawValue>,
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

/// DynamoDB Streams.
pub(super) struct DynamoDb;

impl Source for DynamoDb {
    type Record<'a> = Record<'a>;

    const SERVICE: &'static str = "DynamoDB Streams";
    const RECORD: &'static str = "record";
    const CLASS: Class = Class::Changes;
    const ID: &'static [&'static str] = &["dynamodb", "SequenceNumber"];
    const REPORTS_FAILURES: bool = true;
    const IS_STREAM: bool = true;

    fn claims(record: &Record<'_>) -> Vec<Claim> {
        vec![(Class::Changes, record.arn.as_deref().and_then(short_name).map(str::to_owned))]
    }

    fn read(wire: Record<'_>, raw: &Bytes, _: &'static Spec) -> Opened {
        let (id, group) = (wire.id.clone(), wire.arn.clone().unwrap_or_default());
        let mut record = omnifn_core::Record::new(change(wire));
        record.id = id.map(Str::into_string);
        record.group = Some(group.into_string());
        record.raw = Some(raw.clone());
        Opened::new([record].into_iter())
    }
}

fn change(record: Record<'_>) -> Result<Event, Error> {
    let kind = match record.event_name.as_deref().unwrap_or_default() {
        "INSERT" => ChangeKind::Inserted,
        "MODIFY" => ChangeKind::Updated,
        "REMOVE" => ChangeKind::Deleted,
        other => {
            let text = format!("DynamoDB reports {:?} of an item, which is not a known change", cut(other));
            return Err(Error::new(ErrorKind::Decode, text));
        }
    };
    let Object(item) = record.dynamodb;
    let image = |image: Option<&RawValue>, place| image.map(|image| self::image(image, place)).transpose();
    let (old, new) = (image(item.old_image, "OldImage")?, image(item.new_image, "NewImage")?);
    let mut change = Change::new(kind, old, new);
    change.key = image(item.keys, "Keys")?.map(|key| Json::key(key.as_bytes())).transpose()?;
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

/// Returns an item as plain JSON.
fn image(image: &RawValue, place: &str) -> Result<Json, Error> {
    let mut plain = Vec::with_capacity(image.get().len());
    parse_seed(image.get(), Attributes(&mut plain, 0)).map_err(|error| {
        Error::new(ErrorKind::Decode, format!("`dynamodb.{place}` of this record is not a valid item"))
            .with_json_source(&error)
    })?;
    Ok(Json::new(plain))
}

/// Writes an object of `AttributeValue`s, which is nested at this depth, as plain JSON.
struct Attributes<'o>(&'o mut Vec<u8>, usize);

impl<'de> DeserializeSeed<'de> for Attributes<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Attributes<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of attributes")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Attributes(out, depth) = self;
        let mut members = Members::begin(out).map_err(A::Error::custom)?;
        while let Some(name) = map.next_key::<Str<'de>>()? {
            map.next_value_seed(Attribute(members.name(&name).map_err(A::Error::custom)?, depth))?;
        }
        members.end().map_err(A::Error::custom)
    }
}

/// Writes a list of `AttributeValue`s as plain JSON.
struct Attributed<'o>(&'o mut Vec<u8>, usize);

impl<'de> DeserializeSeed<'de> for Attributed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Attributed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of attributes")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Attributed(out, depth) = self;
        write_list(out, |out| list.next_element_seed(Attribute(out, depth)))
    }
}

/// Writes an `AttributeValue` as plain JSON: a number as a number (as text, where JSON's would not be the same), bytes as base64, sets as
/// lists.
struct Attribute<'o>(&'o mut Vec<u8>, usize);

impl<'de> DeserializeSeed<'de> for Attribute<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Attribute<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an AttributeValue, such as {\"S\": \"tea\"}")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Attribute(out, depth) = self;
        // DynamoDB's own limit is 32.
        let inner = depth.saturating_add(1);
        if inner > 100 {
            return Err(A::Error::custom("it is nested too deeply"));
        }
        let tag = map.next_key::<Str<'de>>()?;
        match tag.as_deref() {
            Some("S" | "B") => out.extend_from_slice(raw::<A>(&mut map, b'"')?),
            Some("SS" | "BS") => out.extend_from_slice(raw::<A>(&mut map, b'[')?),
            Some("BOOL") => write(out, &map.next_value::<bool>()?)?,
            Some("NULL") => {
                map.next_value::<IgnoredAny>()?;
                out.extend_from_slice(b"null");
            }
            Some("N") => write(out, &number(&map.next_value::<Str<'de>>()?))?,
            Some("NS") => map.next_value_seed(Numbers(out))?,
            Some("L") => map.next_value_seed(Attributed(out, inner))?,
            Some("M") => map.next_value_seed(Attributes(out, inner))?,
            tag => return Err(A::Error::unknown_variant(tag.unwrap_or_default(), TYPES)),
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}

/// The types of an `AttributeValue`.
const TYPES: &[&str] = &["S", "N", "B", "SS", "NS", "BS", "M", "L", "NULL", "BOOL"];

/// Returns a value that begins with this byte, unchanged.
fn raw<'de, A: MapAccess<'de>>(map: &mut A, start: u8) -> Result<&'de [u8], A::Error> {
    let value = map.next_value::<&RawValue>()?.get().as_bytes();
    match value.first() == Some(&start) {
        true => Ok(value),
        false => Err(A::Error::custom("the value does not have the type that its key names")),
    }
}

/// Writes a list of numbers, which are texts, as plain JSON.
struct Numbers<'o>(&'o mut Vec<u8>);

impl<'de> DeserializeSeed<'de> for Numbers<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Numbers<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Numbers(out) = self;
        write_list(out, |out| {
            let text = list.next_element::<Str<'de>>()?;
            text.map(|text| write(out, &number(&text))).transpose()
        })
    }
}

fn write<E: serde::de::Error>(out: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) -> Result<(), E> {
    serde_json::to_writer(out, value).map_err(E::custom)
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
