//! The content of an event, as the type that a function takes.

use std::any::Any;

use bytes::Bytes;
use serde::de::DeserializeOwned;

use crate::{Error, ErrorKind, json};

/// Reads content as the type that a function takes: text and bytes unchanged, any other type as JSON. Empty content is `null`.
pub(super) fn read<T: DeserializeOwned + Any>(bytes: &Bytes, what: &str) -> Result<T, Error> {
    if let Some(bytes) = is::<Bytes, T>(|| Ok(bytes.clone())) {
        return bytes;
    }
    let text = || {
        String::from_utf8(bytes.to_vec()).map_err(|e| decode_error(format!("{what} is not valid UTF-8")).with_source(e))
    };
    if let Some(text) = is::<String, T>(text) {
        return text;
    }
    let json = if bytes.trim_ascii().is_empty() { b"null" } else { &bytes[..] };
    json::parse(json).map_err(|error| mismatch(what, bytes.is_empty(), error, json::path::<T>(json)))
}

/// Calls `make` where the two types are one.
fn is<Known: Any, T: Any>(make: impl FnOnce() -> Result<Known, Error>) -> Option<Result<T, Error>> {
    let mut slot: Option<T> = None;
    let known = (&mut slot as &mut dyn Any).downcast_mut::<Option<Known>>()?;
    match make() {
        Ok(made) => *known = Some(made),
        Err(error) => return Some(Err(error)),
    }
    slot.map(Ok)
}

fn mismatch(what: &str, is_empty: bool, error: serde_json::Error, place: Option<String>) -> Error {
    let place = place.map(|place| format!(" at `{place}`")).unwrap_or_default();
    let empty = if is_empty { " (it is empty)" } else { "" };
    decode_error(format!("{what} does not match the type that the function takes{empty}{place}"))
        .with_json_source(&error)
}

fn decode_error(words: String) -> Error {
    Error::new(ErrorKind::Decode, words)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[derive(serde::Deserialize, Debug, PartialEq)]
    struct Order {
        item: String,
        count: u32,
    }

    #[test]
    fn text_and_bytes_are_themselves() {
        let bytes = Bytes::from_static(b"\"tea\"");
        assert_eq!(read::<Bytes>(&bytes, "it").unwrap(), bytes);
        assert_eq!(read::<String>(&bytes, "it").unwrap(), "\"tea\"");
        assert_eq!(read::<Value>(&bytes, "it").unwrap(), Value::from("tea"));
        assert!(
            read::<String>(&Bytes::from_static(b"\xff"), "it")
                .unwrap_err()
                .to_string()
                .starts_with("it is not valid UTF-8")
        );
    }

    #[test]
    fn nothing_is_null() {
        assert_eq!(read::<Option<Order>>(&Bytes::new(), "it").unwrap(), None);
        read::<()>(&Bytes::from_static(b" \n"), "it").unwrap();
        assert!(read::<Order>(&Bytes::new(), "it").unwrap_err().to_string().contains("(it is empty)"));
    }

    #[test]
    fn a_mismatch_names_its_place_and_quotes_nothing() {
        let read = |json: &'static str| read::<Vec<Order>>(&Bytes::from_static(json.as_bytes()), "it").unwrap_err();
        let error = read(r#"[{"item": "tea", "count": 1}, {"item": "tea", "count": "hunter2"}]"#);
        assert_eq!(error.kind(), ErrorKind::Decode);
        let error = error.to_string();
        assert!(error.contains("`[1].count`") && error.contains("u32") && !error.contains("hunter2"), "{error}");
        assert!(read("[{").to_string().contains("EOF"));
        assert!(read(r#"[{"item": "tea"}]"#).to_string().contains("missing field `count`"));
    }

    #[test]
    fn no_mismatch_quotes_the_input() {
        #[derive(serde::Deserialize, Debug)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code, reason = "only read")]
        struct Strict {
            kind: Kind,
            port: Option<std::num::NonZeroU8>,
            address: Option<std::net::IpAddr>,
            open: Option<bool>,
        }
        #[derive(serde::Deserialize, Debug)]
        #[serde(rename_all = "lowercase")]
        enum Kind {
            Tea,
        }
        for (json, expected) in [
            (r#"{"kind": "4711"}"#, "expected `tea`"),
            (r#"{"kind": "`tea`, expected 4711"}"#, "unknown variant"),
            (r#"{"kind": "tea", "4711": 1}"#, "unknown field"),
            (r#"{"kind": "tea", "port": 4711}"#, "expected a nonzero u8"),
            (r#"{"kind": "tea", "port": -4711.5}"#, "invalid type: floating point"),
            (r#"{"kind": "tea", "address": "4711"}"#, "at `address`"),
            (r#"{"kind": "tea", "open": "4711"}"#, "expected a boolean"),
            (r#"{"kind": "tea", "open": ["4711"]}"#, "invalid type: sequence, expected a boolean"),
        ] {
            let error = read::<Strict>(&Bytes::from_static(json.as_bytes()), "it").unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("4711"), "{json}: {error}");
        }
    }
}
