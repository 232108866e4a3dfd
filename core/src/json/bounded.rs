//! Parts of a document that a sender can make as large as it likes: lists, objects with names of its own, and documents of unknown form.
//! What is kept of them in memory has a limit.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use bytes::Bytes;
use serde::{
    Deserialize,
    de::{self, DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Value, value::RawValue};

use super::{Str, slice};
use crate::{Error, ErrorClass, ErrorKind, cut::cut_to};

/// The elements of a JSON list, each of which is read when it is needed: the list itself takes no memory.
///
/// ```
/// use omnifn_core::json::Elements;
///
/// let list = Elements::read("[1, {\"a\": [2]}]".into(), 10, "the list").unwrap();
/// assert_eq!(list.len(), 2);
/// assert_eq!(list.collect::<Vec<_>>(), ["1", "{\"a\": [2]}"]);
///
/// let error = Elements::read("[1, 2, 3]".into(), 2, "the list").unwrap_err();
/// assert_eq!(error.to_string(), "the list has too many elements: expected at most 2");
/// ```
#[derive(Debug, Clone, Default)]
pub struct Elements {
    list: Bytes,
    at: usize,
    left: usize,
}

impl Elements {
    /// Reads a list; `what` names it in the error. No more than `limit` elements are counted.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] where the document is not a list, and [`ErrorKind::TooLarge`], with the class
    /// [`Reject`](ErrorClass::Reject), where it has more elements than the limit.
    pub fn read(list: Bytes, limit: usize, what: impl fmt::Display) -> Result<Self, Error> {
        // What is skipped is not checked to be UTF-8.
        let text = std::str::from_utf8(&list)
            .map_err(|e| Error::new(ErrorKind::Decode, format!("{what} is not valid UTF-8")).with_source(e))?;
        let mut is_above = false;
        let left = super::parse_seed(text, Count { limit, is_above: &mut is_above });
        let left = left.map_err(|error| match is_above {
            true => {
                let text = format!("{what} has too many elements: expected at most {limit}");
                Error::new(ErrorKind::TooLarge, text).with_class(ErrorClass::Reject)
            }
            false => Error::new(ErrorKind::Decode, format!("{what} cannot be read")).with_json_source(&error),
        })?;
        let start = list.iter().position(|byte| *byte == b'[').map_or(0, |start| start.saturating_add(1));
        Ok(Elements { list, at: start, left })
    }

    /// Reads a list that is a part of a document, without copying it.
    ///
    /// # Errors
    /// As [`Elements::read`].
    pub fn within(document: &Bytes, list: &RawValue, limit: usize, what: impl fmt::Display) -> Result<Self, Error> {
        Elements::read(slice(document, list.get().as_bytes()), limit, what)
    }
}

impl Iterator for Elements {
    type Item = Bytes;

    fn next(&mut self) -> Option<Bytes> {
        self.left = self.left.checked_sub(1)?;
        let rest = self.list.get(self.at..)?;
        let mut elements = serde_json::Deserializer::from_slice(rest).into_iter::<&RawValue>();
        let Some(Ok(element)) = elements.next() else {
            // The list was read before. If it could not be read again, the rest would be an element that cannot be decoded, not none.
            self.left = 0;
            return Some(self.list.slice(self.at..));
        };
        let element = slice(&self.list, element.get().as_bytes());
        let after = self.at.saturating_add(elements.byte_offset());
        let comma = self.list.get(after..)?.iter().position(|byte| *byte == b',').unwrap_or_default();
        self.at = after.saturating_add(comma).saturating_add(1);
        Some(element)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Elements {}

/// Counts the elements of a list, and fails at the first one above the limit.
struct Count<'c> {
    limit: usize,
    is_above: &'c mut bool,
}

impl<'de> DeserializeSeed<'de> for Count<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Count<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<usize, A::Error> {
        let mut count = 0_usize;
        while list.next_element::<IgnoredAny>()?.is_some() {
            if count == self.limit {
                *self.is_above = true;
                return Err(A::Error::custom("too many elements"));
            }
            count = count.saturating_add(1);
        }
        Ok(count)
    }
}

/// The fields of an object whose names a sender chooses, such as the attributes of a message: at most [`Entries::LIMIT`].
///
/// ```
/// use omnifn_core::json::Entries;
///
/// let entries: Entries<u32> = serde_json::from_str(r#"{"a": 1, "b": 2}"#).unwrap();
/// assert_eq!(entries.0["b"], 2);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entries<V>(pub BTreeMap<String, V>);

impl Entries<()> {
    /// The most fields. No platform allows a message that many attributes, or a sender's own brokers do not deliver them.
    pub const LIMIT: usize = 1000;
}

impl<V> Default for Entries<V> {
    fn default() -> Self {
        Entries(BTreeMap::new())
    }
}

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Entries<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct EntriesVisitor<V>(PhantomData<V>);

        impl<'de, V: Deserialize<'de>> Visitor<'de> for EntriesVisitor<V> {
            type Value = Entries<V>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<V>, A::Error> {
                let mut entries = BTreeMap::new();
                while let Some(name) = map.next_key()? {
                    check_count(entries.len())?;
                    entries.insert(name, map.next_value()?);
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(EntriesVisitor(PhantomData))
    }
}

/// A list whose elements are all kept: at most [`Entries::LIMIT`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Few<T>(pub Vec<T>);

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FewVisitor<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for FewVisitor<T> {
            type Value = Few<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a sequence")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Few<T>, A::Error> {
                let mut few = Vec::new();
                while let Some(element) = list.next_element()? {
                    check_count(few.len())?;
                    few.push(element);
                }
                Ok(Few(few))
            }
        }

        deserializer.deserialize_seq(FewVisitor(PhantomData))
    }
}

/// Checks that one more field may follow this many.
///
/// # Errors
/// There are [`Entries::LIMIT`] fields already.
pub fn check_count<E: de::Error>(count: usize) -> Result<(), E> {
    match count < Entries::LIMIT {
        true => Ok(()),
        false => Err(E::invalid_length(count.saturating_add(1), &"at most 1000 fields")),
    }
}

/// Returns the string at a path of names, if there is one, of a document that need not be of any form.
///
/// ```
/// let json = br#"{"sns": {"id": "7", "count": 1}}"#;
/// assert_eq!(omnifn_core::json::text_at(json, &["sns", "id"]).as_deref(), Some("7"));
/// assert_eq!(omnifn_core::json::text_at(json, &["sns", "count"]), None);
/// ```
pub fn text_at(json: &[u8], path: &[&str]) -> Option<String> {
    let json = std::str::from_utf8(json).ok()?;
    let value = path
        .iter()
        .try_fold(json, |json, name| super::parse_seed(json, Member(name)).ok().flatten().map(RawValue::get));
    super::parse_str(value?).ok()
}

/// Looks for the member of an object by its name.
struct Member<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Member<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(name) = map.next_key::<Str<'de>>()? {
            match &*name == self.0 {
                true => found = Some(map.next_value()?),
                false => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(found)
    }
}

/// Returns the first element of a list; `None` if it is empty, or not a list.
pub fn first(list: &RawValue) -> Option<&RawValue> {
    struct First;

    impl<'de> Visitor<'de> for First {
        type Value = Option<&'de RawValue>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let first = list.next_element()?;
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
    }

    list.get()
        .starts_with('[')
        .then(|| serde_json::Deserializer::from_str(list.get()).deserialize_seq(First).ok())??
}

/// Returns the outline of a document of unknown form, for an error that names it: the first fields of each object, the first element of
/// each list, and the beginning of each string. `None` if the document is not JSON.
///
/// ```
/// let outline = omnifn_core::json::outline(br#"{"list": [1, 2, 3], "name": "tea"}"#).unwrap();
/// assert_eq!(outline, serde_json::json!({"list": [1], "name": "tea"}));
/// ```
pub fn outline(json: &[u8]) -> Option<Value> {
    super::parse_seed(std::str::from_utf8(json).ok()?, Outline { depth: 5 }).ok()
}

struct Outline {
    depth: usize,
}

impl Outline {
    /// The longest name and the longest beginning of a string, in bytes.
    const TEXT: usize = 400;
    /// The most fields of an object.
    const FIELDS: usize = 64;

    fn inner(&self) -> Option<Outline> {
        Some(Outline { depth: self.depth.checked_sub(1)? })
    }
}

impl<'de> DeserializeSeed<'de> for Outline {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Outline {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value, E> {
        Ok(cut_to(text, Outline::TEXT).into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let first = match self.inner() {
            Some(inner) => list.next_element_seed(inner)?,
            None => None,
        };
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Value::Array(first.into_iter().collect()))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut fields = serde_json::Map::new();
        while let Some(name) = map.next_key::<Str<'de>>()? {
            match self.inner().filter(|_| fields.len() < Outline::FIELDS && name.len() <= Outline::TEXT) {
                Some(inner) => drop(fields.insert(name.into_string(), map.next_value_seed(inner)?)),
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(Value::Object(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_parts_of_the_list() {
        let list = Bytes::from_static(b" [ \"a,]\" ,1,-2.5e3,[1,[2]] , {\"b\": \"\\\"}\"},null,true\n] ");
        let all: Vec<_> = Elements::read(list.clone(), 7, "it").unwrap().collect();
        assert_eq!(all, ["\"a,]\"", "1", "-2.5e3", "[1,[2]]", "{\"b\": \"\\\"}\"}", "null", "true"]);
        assert!(all.iter().all(|element| list.as_ptr_range().contains(&element.as_ptr())));
        assert_eq!(Elements::read("[]".into(), 0, "it").unwrap().next(), None);
        assert_eq!(Elements::read(list, 6, "it").unwrap_err().kind(), ErrorKind::TooLarge);
    }

    #[test]
    fn anything_but_a_list_is_an_error_that_quotes_nothing() {
        let error = Elements::read(Bytes::from_static(b"[\"\xff\"]"), 10, "the list").unwrap_err().to_string();
        assert!(error.starts_with("the list is not valid UTF-8"), "{error}");
        for json in ["{\"4711\": 1}", "\"4711\"", "null", "[4711", "", "[4711] 1", "[4711,]", "[\"\u{1}4711\"]"] {
            let error = Elements::read(json.into(), 10, "the list").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode, "{json}");
            let error = error.to_string();
            assert!(error.starts_with("the list cannot be read") && !error.contains("4711"), "{json}: {error}");
        }
    }

    #[test]
    fn more_fields_than_the_limit_are_an_error() {
        let object = |count: usize| {
            let fields: Vec<_> = (0..count).map(|n| format!("\"{n}\": {n}")).collect();
            format!("{{{}}}", fields.join(","))
        };
        assert_eq!(serde_json::from_str::<Entries<u32>>(&object(Entries::LIMIT)).unwrap().0.len(), Entries::LIMIT);
        let error = crate::json::from_slice::<Entries<u32>>(object(Entries::LIMIT + 1).as_bytes(), "it")
            .unwrap_err()
            .to_string();
        assert!(error.contains("invalid length 1001, expected at most 1000 fields"), "{error}");
    }

    #[test]
    fn an_outline_is_small() {
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        let wide: Vec<_> = (0..1000).map(|n| format!("\"{n}\": {deep}")).collect();
        let json = format!("[{{{}, \"long\": {:?}}}, 2]", wide.join(","), "x".repeat(10_000));
        let outline = outline(json.as_bytes()).unwrap().to_string();
        assert!(outline.len() < 2000 && outline.starts_with("[{\"0\":[[[[]]]]"), "{outline}");
        assert_eq!(super::outline(b"{\"a\": 1"), None);
        assert_eq!(text_at(b"{\"a\": {\"b\": 1}", &["a", "b"]), None);
    }
}
