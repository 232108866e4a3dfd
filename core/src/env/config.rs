//! Variables as the fields of a struct.

use std::fmt;

use serde::{
    de::{
        self, DeserializeOwned, DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, Unexpected, Visitor,
        value::{SeqDeserializer, StrDeserializer},
    },
    forward_to_deserialize_any,
};

use super::{Env, unset};
use crate::{Error, ErrorKind};

/// The settings of a program, from its environment: the field `database_url` is the variable `DATABASE_URL`, or the file that
/// `DATABASE_URL_FILE` names.
///
/// A field is a text, a number, a bool (`true`, `false`, `1`, `0`), an enum without fields, a [`Secret`](crate::Secret), a list of these
/// (separated by commas), or any other type that is read from a text. `Option` and `#[serde(default)]` make it optional,
/// `#[serde(rename = "…")]` gives it another name.
///
/// ```
/// use omnifn_core::{Config, Env, Secret};
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Settings {
///     database_url: Secret,
///     workers: Option<u16>,
///     #[serde(default)]
///     origins: Vec<String>,
/// }
///
/// async fn connect(Config(settings): Config<Settings>) -> omnifn_core::Result<Vec<String>> {
///     Ok(settings.origins)
/// }
///
/// let env = Env::of([("DATABASE_URL", "postgres://me:hunter2@db"), ("WORKERS", "many")]);
/// let error = env.config::<Settings>().err().unwrap();
/// assert_eq!(error.to_string(), "invalid value for `WORKERS`: expected a value of type u16");
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Config<T>(pub T);

pub(super) fn read<T: DeserializeOwned>(env: &Env) -> Result<T, Error> {
    T::deserialize(Variables { env }).map_err(|error| match error {
        VariableError::Missing(field) => unset(&variable(field)),
        VariableError::Unreadable(error) => error,
        VariableError::Message(words) => Error::new(ErrorKind::Config, words),
    })
}

/// The name of a field's variable.
fn variable(field: &str) -> String {
    field.to_uppercase().replace('-', "_")
}

#[derive(Debug)]
enum VariableError {
    Missing(&'static str),
    Unreadable(Error),
    Message(String),
}

impl fmt::Display for VariableError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VariableError::Missing(field) => f.write_str(field),
            VariableError::Unreadable(error) => error.fmt(f),
            VariableError::Message(words) => f.write_str(words),
        }
    }
}

impl std::error::Error for VariableError {}

/// The value of a variable may be a secret, so no part of it is shown.
impl de::Error for VariableError {
    fn custom<T: fmt::Display>(words: T) -> Self {
        VariableError::Message(words.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        VariableError::Message(format!("expected {expected}"))
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        VariableError::Message(format!("expected {expected}"))
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        VariableError::Message(format!("expected one of `{}`", expected.join("`, `")))
    }

    fn missing_field(field: &'static str) -> Self {
        VariableError::Missing(field)
    }
}

/// Deserializes a struct from the variables that are named after its fields.
struct Variables<'a> {
    env: &'a Env,
}

impl<'de> Deserializer<'de> for Variables<'_> {
    type Error = VariableError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, VariableError> {
        visitor.visit_map(Fields { env: self.env, left: fields.iter(), value: None })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, VariableError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariableError> {
        visitor.visit_unit()
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, VariableError> {
        let words = "settings must be a struct with named fields and without `#[serde(flatten)]`: `Config<Settings>`";
        Err(VariableError::Message(words.to_owned()))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit_struct seq tuple
        tuple_struct map enum identifier ignored_any
    }
}

struct Fields<'a> {
    env: &'a Env,
    left: std::slice::Iter<'static, &'static str>,
    value: Option<Value>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = VariableError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, VariableError> {
        for field in self.left.by_ref() {
            let name = variable(field);
            if let Some(text) = self.env.get(&name).map_err(VariableError::Unreadable)? {
                self.value = Some(Value { name, text });
                return seed.deserialize(StrDeserializer::<VariableError>::new(field)).map(Some);
            }
        }
        Ok(None)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, VariableError> {
        let value = self.value.take().ok_or_else(|| VariableError::Message("a value before its key".to_owned()))?;
        let (name, text) = (value.name.clone(), value.text.clone());
        seed.deserialize(value).map_err(|error| match error {
            VariableError::Message(words) => {
                // The error of a user's own type may quote the value.
                let words = if words.contains(&text) { "it cannot be read".to_owned() } else { words };
                VariableError::Message(format!("invalid value for `{name}`: {words}"))
            }
            other => other,
        })
    }
}

/// The value of one variable.
struct Value {
    name: String,
    text: String,
}

/// Defines the methods that parse a value as a number.
macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariableError> {
            match self.text.trim().parse::<$type>() {
                Ok(value) => visitor.$visit(value),
                Err(_) => Err(VariableError::Message(concat!("expected a value of type ", stringify!($type)).to_owned())),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Value {
    type Error = VariableError;

    parsed! {
        deserialize_i8 visit_i8 i8,
        deserialize_i16 visit_i16 i16,
        deserialize_i32 visit_i32 i32,
        deserialize_i64 visit_i64 i64,
        deserialize_i128 visit_i128 i128,
        deserialize_u8 visit_u8 u8,
        deserialize_u16 visit_u16 u16,
        deserialize_u32 visit_u32 u32,
        deserialize_u64 visit_u64 u64,
        deserialize_u128 visit_u128 u128,
        deserialize_f32 visit_f32 f32,
        deserialize_f64 visit_f64 f64,
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariableError> {
        match self.text.trim().to_lowercase().as_str() {
            "true" | "1" => visitor.visit_bool(true),
            "false" | "0" => visitor.visit_bool(false),
            _ => Err(VariableError::Message("expected `true`, `false`, `1`, or `0`".to_owned())),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariableError> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, VariableError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariableError> {
        let parts: Vec<_> = self.text.split(',').map(|part| Part(part.trim().to_owned())).collect();
        visitor.visit_seq(SeqDeserializer::new(parts.into_iter()))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, VariableError> {
        visitor.visit_enum(self.text.into_deserializer())
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        _: V,
    ) -> Result<V::Value, VariableError> {
        Err(VariableError::Message(
            "a variable cannot contain a struct: move the fields of that struct into this one".to_owned(),
        ))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, VariableError> {
        visitor.visit_string(self.text)
    }

    forward_to_deserialize_any! {
        char str string bytes byte_buf unit unit_struct tuple tuple_struct map identifier ignored_any
    }
}

/// An element of a list.
struct Part(String);

impl<'de> IntoDeserializer<'de, VariableError> for Part {
    type Deserializer = Value;

    fn into_deserializer(self) -> Value {
        Value { name: String::new(), text: self.0 }
    }
}
