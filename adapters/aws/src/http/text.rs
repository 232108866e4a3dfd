//! The texts of an event, as bytes that stand in the event itself wherever no escape is in the way.
//!
//! Bytes, because a load balancer passes a header value that is no UTF-8 on as it is, and because an event may hold half of a
//! surrogate pair: neither is a reason to lose the request.

use std::{borrow::Cow, fmt, ops::Deref};

use bytes::Bytes;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// A text.
#[derive(Debug, Clone)]
pub(crate) struct Text<'a>(Cow<'a, [u8]>);

impl<'a> From<Cow<'a, [u8]>> for Text<'a> {
    fn from(text: Cow<'a, [u8]>) -> Self {
        Text(text)
    }
}

impl Text<'_> {
    /// The text as a part of the event that it stands in, without a copy where that can be.
    pub(crate) fn into_bytes(self, event: &Bytes) -> Bytes {
        match self.0 {
            Cow::Borrowed(part) => event.slice_ref(part),
            Cow::Owned(text) => text.into(),
        }
    }

    /// For a place that can only hold UTF-8: a byte that is none is percent-encoded.
    pub(crate) fn to_str(&self) -> Cow<'_, str> {
        match std::str::from_utf8(&self.0) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => {
                let mut text = String::with_capacity(self.0.len() + 16);
                for chunk in self.0.utf8_chunks() {
                    text.push_str(chunk.valid());
                    text.extend(chunk.invalid().iter().map(|byte| percent_encoding::percent_encode_byte(*byte)));
                }
                Cow::Owned(text)
            }
        }
    }
}

impl Deref for Text<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(TextVisitor)
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_bytes<E: Error>(self, text: &'de [u8]) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Borrowed(text)))
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Text<'de>, E> {
        Ok(Text(Cow::Owned(text.to_vec())))
    }
}

/// A map whose values are a text or a list of texts, as names and values in the order in which they came. A value that is
/// null is left out.
#[derive(Debug, Default)]
pub(crate) struct Pairs<'a>(pub(crate) Vec<(Text<'a>, Text<'a>)>);

impl<'a> Pairs<'a> {
    pub(super) fn push(&mut self, name: Text<'a>, value: Text<'a>) {
        if self.0.capacity() == 0 {
            self.0.reserve(USUAL);
        }
        self.0.push((name, value));
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(PairsVisitor)
    }
}

struct PairsVisitor;

/// Enough for the headers of most requests, so that the list does not grow.
const USUAL: usize = 24;

impl<'de> Visitor<'de> for PairsVisitor {
    type Value = Pairs<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs<'de>, A::Error> {
        let mut pairs = Pairs::default();
        while let Some(name) = map.next_key::<Text<'de>>()? {
            match map.next_value::<Option<Values<'de>>>()? {
                None => {}
                Some(Values::One(value)) => pairs.push(name, value),
                Some(Values::Several(values)) => {
                    values.into_iter().for_each(|value| pairs.push(name.clone(), value));
                }
            }
        }
        Ok(pairs)
    }
}

enum Values<'a> {
    One(Text<'a>),
    Several(Vec<Text<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(ValuesVisitor)
    }
}

struct ValuesVisitor;

impl<'de> Visitor<'de> for ValuesVisitor {
    type Value = Values<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or a list of texts")
    }

    fn visit_borrowed_bytes<E: Error>(self, text: &'de [u8]) -> Result<Values<'de>, E> {
        TextVisitor.visit_borrowed_bytes(text).map(Values::One)
    }

    fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Values<'de>, E> {
        TextVisitor.visit_bytes(text).map(Values::One)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Values<'de>, A::Error> {
        let Some(first) = list.next_element::<Option<Text<'de>>>()? else { return Ok(Values::Several(Vec::new())) };
        let mut values = Vec::new();
        // Most lists hold one value: no list is needed for it.
        let mut next = list.next_element::<Option<Text<'de>>>()?;
        match (first, next.is_some()) {
            (Some(only), false) => return Ok(Values::One(only)),
            (first, _) => values.extend(first),
        }
        while let Some(value) = next {
            values.extend(value);
            next = list.next_element()?;
        }
        Ok(Values::Several(values))
    }
}
