//! A deserializer whose errors stay short. serde's own quote a string that does not fit as a whole, and escape it, which takes thirty times
//! its memory.

use std::fmt::{self, Write as _};

use serde::{
    Deserialize,
    de::{self, DeserializeSeed, Deserializer, EnumAccess, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor},
};

/// The longest document whose errors are serde's own, in bytes. They take little memory, and reading takes less time.
const SMALL: usize = 16 * 1024;

/// Parses a JSON document, as `serde_json::from_slice` does.
///
/// # Errors
/// The document is not JSON or does not fit the type. The error of a large document does not quote it.
pub fn parse<'a, T: Deserialize<'a>>(json: &'a [u8]) -> serde_json::Result<T> {
    // The whole document is checked to be UTF-8 once, so that no string needs a check of its own.
    match std::str::from_utf8(json) {
        Ok(text) => parse_str(text),
        Err(_) if json.len() <= SMALL => serde_json::from_slice(json),
        Err(_) => read(&mut serde_json::Deserializer::from_slice(json)),
    }
}

/// Parses a JSON document, as `serde_json::from_str` does.
///
/// # Errors
/// As [`parse`].
pub fn parse_str<'a, T: Deserialize<'a>>(json: &'a str) -> serde_json::Result<T> {
    if json.len() <= SMALL {
        return serde_json::from_str(json);
    }
    read(&mut serde_json::Deserializer::from_str(json))
}

/// Parses a JSON document with a seed.
///
/// # Errors
/// As [`parse`].
pub fn parse_seed<'a, S: DeserializeSeed<'a>>(json: &'a str, seed: S) -> serde_json::Result<S::Value> {
    let mut deserializer = serde_json::Deserializer::from_str(json);
    let value = seed.deserialize(Brief(&mut deserializer))?;
    deserializer.end().map(|()| value)
}

fn read<'a, R: serde_json::de::Read<'a>, T: Deserialize<'a>>(
    json: &mut serde_json::Deserializer<R>,
) -> serde_json::Result<T> {
    let value = T::deserialize(Brief(&mut *json))?;
    json.end().map(|()| value)
}

/// An error that quotes no string, or only its beginning.
#[derive(Debug)]
struct Short(String);

impl fmt::Display for Short {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Short {}

impl Short {
    fn unexpected(what: &str, unexpected: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        match unexpected {
            Unexpected::Str(_) => de::Error::custom(format_args!("invalid {what}: string, expected {expected}")),
            Unexpected::Bytes(_) => de::Error::custom(format_args!("invalid {what}: byte array, expected {expected}")),
            other => de::Error::custom(format_args!("invalid {what}: {other}, expected {expected}")),
        }
    }
}

impl de::Error for Short {
    fn custom<T: fmt::Display>(message: T) -> Self {
        /// Writes no more than the beginning.
        struct Beginning(String);

        impl fmt::Write for Beginning {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                let left = 1024_usize.saturating_sub(self.0.len());
                self.0.push_str(crate::cut::cut_to(text, left));
                if text.len() > left { Err(fmt::Error) } else { Ok(()) }
            }
        }

        let mut beginning = Beginning(String::new());
        // An error is that the message was longer.
        let _ = write!(beginning, "{message}");
        Short(beginning.0)
    }

    fn invalid_type(unexpected: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Short::unexpected("type", unexpected, expected)
    }

    fn invalid_value(unexpected: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Short::unexpected("value", unexpected, expected)
    }
}

/// Wraps a deserializer, a seed, or a visitor, so that errors do not quote long strings.
pub(super) struct Brief<T>(pub(super) T);

macro_rules! deserialize {
    ($($name:ident => $inner:ident($($argument:ident: $type:ty),*))*) => {
        $(fn $name<V: Visitor<'de>>(self, $($argument: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$inner($($argument,)* Brief(visitor))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Brief<D> {
    type Error = D::Error;

    deserialize! {
        deserialize_any => deserialize_any()
        // JSON describes itself. Asked for a certain type, serde_json would quote a string that is received instead.
        deserialize_bool => deserialize_any()
        deserialize_i8 => deserialize_any()
        deserialize_i16 => deserialize_any()
        deserialize_i32 => deserialize_any()
        deserialize_i64 => deserialize_any()
        deserialize_u8 => deserialize_any()
        deserialize_u16 => deserialize_any()
        deserialize_u32 => deserialize_any()
        deserialize_u64 => deserialize_any()
        deserialize_f32 => deserialize_any()
        deserialize_f64 => deserialize_any()
        deserialize_unit => deserialize_any()
        deserialize_seq => deserialize_any()
        deserialize_map => deserialize_any()
        deserialize_i128 => deserialize_i128()
        deserialize_u128 => deserialize_u128()
        deserialize_char => deserialize_char()
        deserialize_str => deserialize_str()
        deserialize_string => deserialize_string()
        deserialize_bytes => deserialize_bytes()
        deserialize_byte_buf => deserialize_byte_buf()
        deserialize_option => deserialize_option()
        deserialize_identifier => deserialize_identifier()
        deserialize_ignored_any => deserialize_ignored_any()
        deserialize_newtype_struct => deserialize_newtype_struct(name: &'static str)
        deserialize_enum => deserialize_enum(name: &'static str, variants: &'static [&'static str])
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.deserialize_any(visitor)
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

macro_rules! visit {
    ($($name:ident: $type:ty),*) => {
        $(fn $name<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$name(value)
        })*
    };
}

macro_rules! visit_briefly {
    ($($name:ident: $type:ty),*) => {
        $(fn $name<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.0.$name::<Short>(value).map_err(E::custom)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Brief<V> {
    type Value = V::Value;

    visit! {
        visit_bool: bool, visit_i8: i8, visit_i16: i16, visit_i32: i32, visit_i64: i64, visit_i128: i128, visit_u8: u8,
        visit_u16: u16, visit_u32: u32, visit_u64: u64, visit_u128: u128, visit_f32: f32, visit_f64: f64,
        visit_char: char
    }

    visit_briefly! {
        visit_str: &str, visit_borrowed_str: &'de str, visit_string: String, visit_bytes: &[u8],
        visit_borrowed_bytes: &'de [u8], visit_byte_buf: Vec<u8>
    }

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.0.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(Brief(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(Brief(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(Brief(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(Brief(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(Brief(data))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for Brief<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(Brief(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Brief<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        // A key is a string, from which serde_json reads a number if one is asked for.
        self.0.next_key_seed(seed)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(Brief(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for Brief<A> {
    type Error = A::Error;
    type Variant = Brief<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        self.0.variant_seed(Brief(seed)).map(|(value, variant)| (value, Brief(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for Brief<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(Brief(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, Brief(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, Brief(visitor))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Brief<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(Brief(deserializer))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json, value::RawValue};

    use super::*;
    use crate::json::reason;

    #[derive(Debug, PartialEq, Deserialize)]
    enum Choice {
        One,
        Two(u32),
        Three { a: Option<bool> },
    }

    #[test]
    fn a_large_document_is_read_as_a_small_one() {
        let spaces = " ".repeat(SMALL);
        let read = |json: &str| parse::<Value>(format!("{json}{spaces}").as_bytes()).unwrap();
        let all = json!({"a": [1, -2, 2.5, null, true, "x\u{7f}"], "b": {"c": {}}});
        assert_eq!(read(&all.to_string()), all);
        let json = format!("[\"One\", {{\"Two\": 2}}, {{\"Three\": {{\"a\": true}}}}]{spaces}");
        let choices: Vec<Choice> = parse(json.as_bytes()).unwrap();
        assert_eq!(choices, [Choice::One, Choice::Two(2), Choice::Three { a: Some(true) }]);
        let json = format!("{{\"7\": [1, 2.5], \"8\": [3, 4]}}{spaces}");
        let numbers: BTreeMap<u32, (u8, f32)> = parse(json.as_bytes()).unwrap();
        assert_eq!((numbers[&7], numbers[&8]), ((1, 2.5), (3, 4.0)));
        let json = format!("{{\"a\": {{\"b\": 1 }}}}{spaces}");
        let raw: BTreeMap<&str, &RawValue> = parse(json.as_bytes()).unwrap();
        assert_eq!(raw["a"].get(), "{\"b\": 1 }");
        assert!(parse::<Value>(format!("1{spaces}2").as_bytes()).is_err());
    }

    #[test]
    fn an_error_is_short_and_the_same() {
        let long = "\u{7f}".repeat(SMALL);
        let error = parse::<BTreeMap<String, u32>>(format!("{{\"a\": \"{long}\"}}").as_bytes()).unwrap_err();
        assert_eq!(reason(&error), format!("invalid type: string, expected u32 at line 1 column {}", long.len() + 8));
        assert!(error.to_string().len() < 100);
        let error = parse::<std::net::IpAddr>(format!("\"{long}\"").as_bytes()).unwrap_err();
        assert!(error.to_string().len() < 100, "{error}");
        let error = parse::<Choice>(format!("\"{long}\"").as_bytes()).unwrap_err();
        assert!(error.to_string().len() < 1200, "{}", error.to_string().len());
    }
}
