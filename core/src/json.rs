//! Decoding of a platform's JSON with serde.
//!
//! Errors name the place in the document and what was expected there. They quote no value of the document, because they are logged.

mod bounded;
mod brief;
mod write;

use std::{
    borrow::{Borrow, Cow},
    fmt,
    marker::PhantomData,
    ops::Deref,
};

use bytes::Bytes;
use serde::{
    Deserialize, Serialize,
    de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};

pub use bounded::{Elements, Entries, Few, check_count, first, outline, text_at};
pub use brief::{parse, parse_seed, parse_str};
pub use write::{Members, write_list};

use crate::{Error, ErrorKind};

/// Reads a JSON document; `what` names it in the error.
///
/// ```
/// use std::collections::HashMap;
///
/// let error = omnifn_core::json::from_slice::<Vec<HashMap<String, u32>>>(br#"[{"count": "two"}]"#, "the order").unwrap_err();
/// let text = "the order cannot be read at `[0].count`: invalid type: string, expected u32 at line 1 column 16";
/// assert_eq!(error.to_string(), text);
/// ```
///
/// # Errors
/// [`ErrorKind::Decode`] where the document is not JSON or does not fit the type.
pub fn from_slice<'a, T: Deserialize<'a>>(json: &'a [u8], what: impl fmt::Display) -> Result<T, Error> {
    parse(json).map_err(|error| {
        let place = path::<T>(json).map(|path| format!(" at `{path}`")).unwrap_or_default();
        Error::new(ErrorKind::Decode, format!("{what} cannot be read{place}")).with_json_source(&error)
    })
}

/// Reads a JSON object, as [`from_slice`] reads any document. An array is not an object, although serde could read a struct from it.
///
/// ```
/// #[derive(Debug, serde::Deserialize)]
/// struct Order {
///     count: u32,
/// }
///
/// let order: Order = omnifn_core::json::object(br#"{"count": 2}"#, "the order").unwrap();
/// assert_eq!(order.count, 2);
/// assert!(omnifn_core::json::object::<Order>(b"[2]", "the order").is_err());
/// ```
///
/// # Errors
/// [`ErrorKind::Decode`] where the document is not a JSON object or does not fit the type.
pub fn object<'a, T: Deserialize<'a>>(json: &'a [u8], what: impl fmt::Display) -> Result<T, Error> {
    from_slice::<Object<T>>(json, what).map(|Object(value)| value)
}

/// Writes a value whose serialization cannot fail: it has string keys and no fallible `Serialize` implementation.
pub fn to_bytes(value: &impl Serialize) -> Bytes {
    serde_json::to_vec(value).unwrap_or_default().into()
}

/// Returns the place in a document that does not fit the type, as a path such as `orders[1].count`. `None` if the document is not JSON or
/// does not fit as a whole.
///
/// The document is read again for this, because keeping track of the path costs time.
pub fn path<'a, T: Deserialize<'a>>(json: &'a [u8]) -> Option<String> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let error = serde_path_to_error::deserialize::<_, T>(brief::Brief(&mut deserializer)).err()?;
    if !error.inner().is_data() {
        return None;
    }
    let path = error.path().to_string();
    let path = match error.inner().to_string().starts_with("unknown field") {
        // The sender has chosen the name, so the error names the object around it instead.
        true => path.rsplit_once('.').map(|(outer, _)| outer).unwrap_or_default(),
        // Names of header fields are read as bytes, for which the path has no representation.
        false => path.trim_end_matches('.').trim_end_matches(".?"),
    };
    (!path.is_empty()).then(|| path.chars().take(200).collect())
}

/// Returns the text of an error without the values of the document that serde may quote.
pub(crate) fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // These texts name only fields of omnifn's own types.
    let names_own_field = ["missing field", "duplicate field"].iter().any(|start| text.starts_with(start));
    if !error.is_data() || names_own_field {
        return text;
    }
    // `invalid type: integer `7`, expected a string at line 1 column 9`
    let (found, expected) = match text.rsplit_once(", expected ") {
        Some((found, expected)) => (found, format!(", expected {expected}")),
        None => ("", text.rsplit_once(" at line ").map(|(_, place)| format!(" at line {place}")).unwrap_or_default()),
    };
    let found = found.split(['`', '"']).next().unwrap_or_default().trim_end();
    let is_known = ["invalid ", "unknown "].iter().any(|start| found.starts_with(start));
    format!("{}{expected}", if is_known { found } else { "a value of another type" })
}

/// Returns a part of a document without copying it, or a copy if the text is not a part of the document.
pub fn slice(document: &Bytes, part: &[u8]) -> Bytes {
    let start = (part.as_ptr() as usize).checked_sub(document.as_ptr() as usize);
    match start.and_then(|start| Some(start..start.checked_add(part.len())?)) {
        Some(range) if range.end <= document.len() => document.slice(range),
        _ => Bytes::copy_from_slice(part),
    }
}

/// A struct that is read only from a JSON object. serde's derived implementations also accept an array.
#[derive(Debug, Default, Clone, Copy)]
pub struct Object<T>(pub T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
            type Value = Object<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Object<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(Object)
            }
        }

        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

impl<T> Deref for Object<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

/// A JSON string, borrowed from the document unless it contains an escape sequence.
///
/// An `Option<Cow<str>>` field would always be copied.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub struct Str<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Str<'a> {
    /// Returns the string as a part of the document that it was read from.
    pub fn into_bytes(self, document: &Bytes) -> Bytes {
        match self.0 {
            Cow::Borrowed(part) => slice(document, part.as_bytes()),
            Cow::Owned(text) => text.into(),
        }
    }

    /// Returns an owned string.
    pub fn into_string(self) -> String {
        self.0.into_owned()
    }
}

impl Deref for Str<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for Str<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl<'a> From<&'a str> for Str<'a> {
    fn from(text: &'a str) -> Self {
        Str(Cow::Borrowed(text))
    }
}

impl From<String> for Str<'_> {
    fn from(text: String) -> Self {
        Str(Cow::Owned(text))
    }
}

impl From<Str<'_>> for String {
    fn from(text: Str<'_>) -> String {
        text.into_string()
    }
}

/// A JSON string as bytes, borrowed from the document unless it contains an escape sequence.
///
/// The bytes are not always UTF-8: a load balancer passes on any bytes of a header value, and an escape may be a lone surrogate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RawStr<'a>(Cow<'a, [u8]>);

impl RawStr<'_> {
    /// Returns the bytes as a part of the document that they were read from.
    pub fn into_bytes(self, document: &Bytes) -> Bytes {
        match self.0 {
            Cow::Borrowed(part) => slice(document, part),
            Cow::Owned(bytes) => bytes.into(),
        }
    }

    /// Returns the string, where a byte that is not UTF-8 is percent-encoded.
    pub fn to_str(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                let encode = |byte: &u8| percent_encoding::percent_encode_byte(*byte);
                let chunks = self
                    .0
                    .utf8_chunks()
                    .flat_map(|chunk| std::iter::once(chunk.valid()).chain(chunk.invalid().iter().map(encode)));
                Cow::Owned(chunks.collect())
            }
        }
    }
}

impl Deref for RawStr<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for RawStr<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct RawStrVisitor;

        impl<'de> Visitor<'de> for RawStrVisitor {
            type Value = RawStr<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_borrowed_bytes<E: de::Error>(self, text: &'de [u8]) -> Result<RawStr<'de>, E> {
                Ok(RawStr(Cow::Borrowed(text)))
            }

            fn visit_bytes<E: de::Error>(self, text: &[u8]) -> Result<RawStr<'de>, E> {
                Ok(RawStr(Cow::Owned(text.to_vec())))
            }
        }

        deserializer.deserialize_bytes(RawStrVisitor)
    }
}

/// The fields of an object whose values are strings or lists of strings, such as headers: a name and a value for each string, in
/// the document's order, at most [`Entries::LIMIT`]. `null` is left out.
#[derive(Debug, Clone, Default)]
pub struct Fields<'a>(pub Vec<(RawStr<'a>, RawStr<'a>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of strings")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                // This is enough for the headers of most requests.
                let mut fields = Vec::with_capacity(24);
                while let Some(name) = map.next_key()? {
                    map.next_value_seed(Values { name, fields: &mut fields })?;
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// The values of one name of [`Fields`].
struct Values<'f, 'a> {
    name: RawStr<'a>,
    fields: &'f mut Vec<(RawStr<'a>, RawStr<'a>)>,
}

impl<'de> DeserializeSeed<'de> for Values<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for Values<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = String::from_utf8_lossy(&self.name);
        write!(f, "a string or a list of strings for `{}`", name.chars().take(100).collect::<String>())
    }

    fn visit_none<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_bytes(self)
    }

    fn visit_borrowed_bytes<E: de::Error>(self, text: &'de [u8]) -> Result<(), E> {
        check_count(self.fields.len())?;
        self.fields.push((self.name, RawStr(Cow::Borrowed(text))));
        Ok(())
    }

    fn visit_bytes<E: de::Error>(self, text: &[u8]) -> Result<(), E> {
        check_count(self.fields.len())?;
        self.fields.push((self.name, RawStr(Cow::Owned(text.to_vec()))));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while let Some(value) = list.next_element::<Option<RawStr<'de>>>()? {
            check_count(self.fields.len())?;
            self.fields.extend(value.map(|value| (self.name.clone(), value)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "camelCase")]
    #[allow(dead_code, reason = "only read")]
    struct Event<'a> {
        #[serde(borrow)]
        body: Option<RawStr<'a>>,
        #[serde(borrow)]
        name: Option<Str<'a>>,
        #[serde(borrow)]
        headers: Option<Fields<'a>>,
        #[serde(borrow)]
        context: Option<Object<Context<'a>>>,
    }

    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "only read")]
    struct Context<'a> {
        #[serde(borrow)]
        stage: Option<Str<'a>>,
        #[serde(borrow)]
        detail: Option<&'a serde_json::value::RawValue>,
    }

    #[test]
    fn strings_are_borrowed_and_may_be_any_bytes() {
        let document = Bytes::from_static(b"{\"body\": \"\xff\", \"name\": \"tea\", \"context\": {\"detail\": [1]}}");
        let event: Event<'_> = object(&document, "it").unwrap();
        let name = event.name.unwrap();
        assert!(matches!(name, Str(Cow::Borrowed("tea"))));
        assert_eq!(name.into_bytes(&document).as_ptr(), document[document.len() - 33..].as_ptr());
        assert_eq!(event.body.unwrap().to_str(), "%FF");
        assert_eq!(event.context.unwrap().detail.unwrap().get(), "[1]");
        let event: Event<'_> = object(br#"{"body": "\ud83e\udd80 \ud800"}"#, "it").unwrap();
        assert_eq!(&*event.body.unwrap(), b"\xf0\x9f\xa6\x80 \xed\xa0\x80");
        assert_eq!(slice(&document, b"elsewhere"), "elsewhere");
    }

    #[test]
    fn fields_keep_their_order() {
        let event: Event<'_> =
            object(br#"{"headers": {"b": ["1", null, "2"], "a": null, "c": "3", "d": []}}"#, "it").unwrap();
        let fields: Vec<_> =
            event.headers.unwrap().0.into_iter().map(|(name, value)| (name.to_vec(), value.to_vec())).collect();
        assert_eq!(fields, [("b", "1"), ("b", "2"), ("c", "3")].map(|(name, value)| (name.into(), value.into())));
    }

    #[test]
    fn an_error_names_the_place_and_quotes_nothing() {
        for (json, expected) in [
            (
                r#"{"headers": {"x": 4711}}"#,
                "at `headers`: invalid type: integer, expected a string or a list of strings for `x` at line",
            ),
            (
                r#"{"headers": {"x": ["4711", 1]}}"#,
                "at `headers.?[1]`: invalid type: integer, expected a string at line",
            ),
            (r#"{"headers": []}"#, "at `headers`: invalid type: sequence, expected an object of strings at line"),
            (r#"{"context": []}"#, "at `context`: invalid type: sequence, expected an object at line"),
            (r#"{"context": {"stage": 4711}}"#, "at `context.stage`: invalid type: integer, expected a string at line"),
            (r#"{"name": null, "name": "x"}"#, "duplicate field `name` at line"),
            ("[1, 2]", "it cannot be read: invalid type: sequence, expected an object at line"),
            ("\"4711\"", "it cannot be read: invalid type: string, expected an object at line"),
            ("{", "it cannot be read: EOF while parsing an object at line 1 column 1"),
        ] {
            let error = object::<Event<'_>>(json.as_bytes(), "it").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            let error = error.to_string();
            assert!(error.contains(expected) && !error.contains("4711"), "{json}: {error}");
        }
    }
}
