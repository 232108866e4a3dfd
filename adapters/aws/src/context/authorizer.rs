//! The claims and fields that an authorizer has added to a request.

use omnifn_core::{Error, ErrorKind, uri};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::detect::Shape;

/// Returns the claims of a verified token: of a JWT authorizer (`jwt.claims`, or `claims` with payload 1.0), or of Cognito (`claims`).
pub(super) fn claims(authorizer: &str) -> Option<Map<String, Value>> {
    let mut authorizer = object(authorizer)?;
    let jwt = authorizer.remove("jwt").and_then(map).and_then(|mut jwt| jwt.remove("claims"));
    map(jwt.or_else(|| authorizer.remove("claims"))?)
}

/// Returns the fields of a Lambda authorizer.
pub(super) fn fields(authorizer: &str, shape: Shape) -> Option<Map<String, Value>> {
    let mut authorizer = object(authorizer)?;
    if matches!(shape, Shape::HttpApiV2 | Shape::FunctionUrl) {
        return authorizer.remove("lambda").and_then(map);
    }
    // These are of a token, whose authorizer is not a Lambda function.
    let has_claims = authorizer.get("claims").is_some_and(Value::is_object);
    (!has_claims).then_some(authorizer)
}

/// Reads an object from JSON.
pub(super) fn object(json: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(json).ok()
}

fn map(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

/// Returns a value as text, or as JSON if it is not a text.
pub(super) fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text),
        other => Some(other.to_string()),
    }
}

/// Reads values as from a form, because one payload format writes as text what the other does not.
pub(super) fn read<T: DeserializeOwned>(fields: Map<String, Value>, what: &str) -> Result<T, Error> {
    let pairs = fields.into_iter().flat_map(|(name, value)| {
        let values = match value {
            Value::Array(list) => list,
            other => vec![other],
        };
        values.into_iter().filter_map(text).map(move |value| (name.clone(), value)).collect::<Vec<_>>()
    });
    let pairs = pairs.map(|(name, value)| format!("{}={}", uri::encode_query(&name), uri::encode_query(&value)));
    serde_html_form::from_str(&pairs.collect::<Vec<_>>().join("&"))
        .map_err(|error| Error::new(ErrorKind::Decode, format!("{what} do not fit: {error}")))
}
