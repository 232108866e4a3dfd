//! The values of Firestore in protobuf's JSON, such as `{"stringValue": "tea"}`, as plain JSON.
//!
//! Each value is written while it is read: a tree of all values of a document would take many times the memory of its text.

use std::fmt;

use omnifn_core::json::{Members, Str, parse_seed, write_list};
use serde::{
    Deserializer,
    de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::value::RawValue;

/// Writes the fields of a document as plain JSON.
pub(super) fn fields(json: &str, out: &mut Vec<u8>) -> serde_json::Result<()> {
    parse_seed(json, Part::Fields(out))
}

/// A part of a document, and where its plain JSON is written to.
enum Part<'o> {
    /// An object of values.
    Fields(&'o mut Vec<u8>),
    /// A list of values.
    List(&'o mut Vec<u8>),
    /// A value.
    Value(&'o mut Vec<u8>),
    /// `{"fields": {…}}`.
    Map(&'o mut Vec<u8>),
    /// `{"values": […]}`.
    Array(&'o mut Vec<u8>),
}

impl<'de> DeserializeSeed<'de> for Part<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self {
            Part::List(_) => deserializer.deserialize_seq(self),
            _ => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Part<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("values of Firestore")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Part::List(out) = self else { return Err(A::Error::custom("expected a list of values")) };
        write_list(out, |out| list.next_element_seed(Part::Value(out)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        match self {
            Part::Fields(out) => {
                let mut members = Members::begin(out).map_err(A::Error::custom)?;
                while let Some(name) = map.next_key::<Str<'de>>()? {
                    map.next_value_seed(Part::Value(members.name(&name).map_err(A::Error::custom)?))?;
                }
                members.end().map_err(A::Error::custom)?;
            }
            Part::Value(out) => {
                value(out, &mut map)?;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
            }
            Part::Map(out) => member(&mut map, "fields", out, b"{}", |out| Part::Fields(out))?,
            Part::Array(out) => member(&mut map, "values", out, b"[]", |out| Part::List(out))?,
            Part::List(_) => return Err(A::Error::custom("expected an object with one value")),
        }
        Ok(())
    }
}

/// Writes the value whose type is the name of the first member.
fn value<'de, A: MapAccess<'de>>(out: &mut Vec<u8>, map: &mut A) -> Result<(), A::Error> {
    let tag = map.next_key::<Str<'de>>()?;
    match tag.as_deref() {
        None => out.extend_from_slice(b"null"),
        Some("mapValue") => map.next_value_seed(Part::Map(out))?,
        Some("arrayValue") => map.next_value_seed(Part::Array(out))?,
        Some("nullValue") => {
            map.next_value::<IgnoredAny>()?;
            out.extend_from_slice(b"null");
        }
        Some("integerValue") => {
            let json = map.next_value::<&RawValue>()?.get();
            let number = omnifn_core::json::parse_str::<Str<'_>>(json).ok().and_then(|text| text.parse::<i64>().ok());
            out.extend_from_slice(number.map_or_else(|| json.to_owned(), |number| number.to_string()).as_bytes());
        }
        Some(_) => out.extend_from_slice(map.next_value::<&RawValue>()?.get().as_bytes()),
    }
    Ok(())
}

/// Writes the one member of an object that is read, or something else if it is missing.
fn member<'de, A: MapAccess<'de>>(
    map: &mut A,
    name: &str,
    out: &mut Vec<u8>,
    missing: &[u8],
    part: impl Fn(&mut Vec<u8>) -> Part<'_>,
) -> Result<(), A::Error> {
    let mut is_written = false;
    while let Some(found) = map.next_key::<Str<'de>>()? {
        match &*found == name && !is_written {
            true => {
                map.next_value_seed(part(out))?;
                is_written = true;
            }
            false => drop(map.next_value::<IgnoredAny>()?),
        }
    }
    if !is_written {
        out.extend_from_slice(missing);
    }
    Ok(())
}
