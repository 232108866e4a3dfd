use std::{borrow::Cow, fmt};

use axum_core::extract::FromRequestParts;
use http::request::Parts;
use percent_encoding::percent_decode_str;
use serde::{
    Deserializer,
    de::{self, DeserializeOwned, DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor},
    forward_to_deserialize_any,
};

use crate::{Context, Error, ErrorKind, PathParams};

/// The parameters of the path, percent-decoded: one value, a tuple in the pattern's order, or a struct or map by name.
///
/// A parameter that does not fit (`/notes/{id}` with `id: u64` and `/notes/seven`) is a 400 that names it.
///
/// ```
/// use omnifn_core::extract::Path;
///
/// // get = "/notes/{id}"
/// async fn read(Path(id): Path<u64>) -> String {
///     format!("note {id}")
/// }
///
/// // get = "/{year}/{month}"
/// async fn archive(Path((year, month)): Path<(u16, u8)>) -> String {
///     format!("{year}-{month:02}")
/// }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Path<T>(pub T);

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Path<T> {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        let none = PathParams::default();
        let of_context = || parts.extensions.get().and_then(Context::params);
        let params = parts.extensions.get().or_else(of_context).unwrap_or(&none);
        let mut decoded = Vec::new();
        for (name, value) in params.iter() {
            let value = percent_decode_str(value).decode_utf8().map_err(|_| {
                Error::new(ErrorKind::Decode, format!("the path parameter `{name}` is not UTF-8 once percent-decoded"))
                    .public()
            })?;
            decoded.push((name, value));
        }
        T::deserialize(Params(&decoded)).map(Path).map_err(|NotFit { why, mismatch }| {
            let error = Error::new(if mismatch { ErrorKind::Config } else { ErrorKind::Decode }, why);
            if mismatch { error } else { error.public() }
        })
    }
}

/// All parameters of a path.
struct Params<'a>(&'a [(&'static str, Cow<'a, str>)]);

impl<'a> Params<'a> {
    /// The parameter, where there is exactly one.
    fn single(&self, wanted: &str) -> Result<Value<'a>, NotFit> {
        match self.0 {
            [(name, value)] => Ok(Value { name, value }),
            params => Err(NotFit::mismatch(format!(
                "the route has {} parameters, and the argument is one {wanted}: take a tuple or a struct",
                params.len()
            ))),
        }
    }

    fn exactly(&self, wanted: usize) -> Result<(), NotFit> {
        if self.0.len() == wanted {
            return Ok(());
        }
        Err(NotFit::mismatch(format!("the route has {} parameters, and the argument takes {wanted}", self.0.len())))
    }
}

macro_rules! single {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
            self.single("value")?.$method(visitor)
        }
    )*};
}

impl<'de> Deserializer<'de> for Params<'de> {
    type Error = NotFit;

    single! {
        deserialize_bool deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128 deserialize_f32 deserialize_f64
        deserialize_char deserialize_str deserialize_string deserialize_bytes deserialize_byte_buf deserialize_option
        deserialize_identifier
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
        match self.0 {
            [_] => self.single("value")?.deserialize_any(visitor),
            _ => self.deserialize_map(visitor),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_seq(Rest { params: self.0, value: None })
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, NotFit> {
        self.exactly(len)?;
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, NotFit> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_map(Rest { params: self.0, value: None })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotFit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotFit> {
        self.single("enum")?.deserialize_enum(name, variants, visitor)
    }
}

/// The parameters that are still to come, as a sequence or a map.
struct Rest<'a> {
    params: &'a [(&'static str, Cow<'a, str>)],
    value: Option<Value<'a>>,
}

impl<'a> Rest<'a> {
    fn next(&mut self) -> Option<Value<'a>> {
        let ((name, value), rest) = self.params.split_first()?;
        self.params = rest;
        Some(Value { name, value })
    }
}

impl<'de> SeqAccess<'de> for Rest<'de> {
    type Error = NotFit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, NotFit> {
        self.next().map(|value| seed.deserialize(value)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.params.len())
    }
}

impl<'de> MapAccess<'de> for Rest<'de> {
    type Error = NotFit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotFit> {
        self.value = self.next();
        self.value.as_ref().map(|v| seed.deserialize(v.name.into_deserializer())).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NotFit> {
        match self.value.take() {
            Some(value) => seed.deserialize(value),
            None => Err(de::Error::custom("a value was asked for before its key")),
        }
    }
}

/// One parameter.
#[derive(Clone, Copy)]
struct Value<'a> {
    name: &'static str,
    value: &'a str,
}

macro_rules! parsed {
    ($($method:ident $visit:ident $type:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
            let parsed = self.value.parse::<$type>().map_err(|e| self.not_fit(stringify!($type), e))?;
            visitor.$visit(parsed)
        }
    )*};
}

impl Value<'_> {
    fn not_fit(&self, wanted: &str, why: impl fmt::Display) -> NotFit {
        let Value { name, value } = self;
        NotFit { why: format!("the path parameter `{name}` is {value:?}, expected {wanted}: {why}"), mismatch: false }
    }
}

impl<'de> Deserializer<'de> for Value<'de> {
    type Error = NotFit;

    parsed! {
        deserialize_bool visit_bool bool,
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
        deserialize_char visit_char char,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_str(self.value).map_err(|e: NotFit| self.not_fit("another value", e.why))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, NotFit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, NotFit> {
        let value = self.value.into_deserializer();
        visitor.visit_enum(value).map_err(|e: NotFit| self.not_fit(&format!("one of {variants:?}"), e.why))
    }

    forward_to_deserialize_any! {
        str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier ignored_any
    }
}

/// Why the parameters do not fit the type.
#[derive(Debug)]
struct NotFit {
    why: String,
    /// The route and the type can never fit, whatever comes: the author's mistake, not the caller's.
    mismatch: bool,
}

impl NotFit {
    fn mismatch(why: String) -> Self {
        NotFit { why, mismatch: true }
    }
}

impl fmt::Display for NotFit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for NotFit {}

impl de::Error for NotFit {
    fn custom<T: fmt::Display>(why: T) -> Self {
        NotFit { why: why.to_string(), mismatch: false }
    }

    fn missing_field(field: &'static str) -> Self {
        NotFit::mismatch(format!("the argument has the field `{field}`, and the route has no parameter of that name"))
    }
}
