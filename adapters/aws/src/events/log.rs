//! Records that cannot be read: their errors, and what can be told of them all the same.

use bytes::Bytes;
use omnifn_core::{Error, ErrorKind, Record, Spec};
use serde_json::{Value, value::RawValue};

/// A record that is not what its source sends.
pub(super) fn failed(what: &str, id: Option<String>, error: serde_json::Error, raw: Bytes) -> Record {
    broken(id, Error::new(ErrorKind::Decode, format!("this {what} cannot be read")).with_json_source(&error), raw)
}

/// A content that always is there is not.
pub(super) fn missing(what: &str) -> Error {
    Error::new(ErrorKind::Decode, format!("the {what} is missing or null"))
}

/// A record with an error in its place.
pub(super) fn broken(id: Option<String>, error: Error, raw: Bytes) -> Record {
    let mut record = Record::new(Err(error));
    record.id = id;
    record.raw = Some(raw);
    record
}

/// A message that holds something else than the first one did.
pub(super) fn other_than(function: &Spec) -> Error {
    let words = format!(
        "a message came that holds none of the {} that the function `{}` takes",
        function.class().takes(),
        function.name
    );
    Error::new(ErrorKind::Decode, words)
}

/// A text in a record that cannot be read as a whole.
pub(super) fn text_at(record: &RawValue, path: &str) -> Option<String> {
    let value: Value = serde_json::from_str(record.get()).ok()?;
    let pointer = format!("/{path}");
    value.pointer(&pointer).and_then(Value::as_str).map(str::to_owned)
}
