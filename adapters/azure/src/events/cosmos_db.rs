//! Changes of documents in Cosmos DB, which never include deletions.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Record,
    event::{Change, ChangeKind, Json, time},
    json::Object,
};
use serde::Deserialize;
use serde_json::{json, value::RawValue};

use super::{
    Records,
    envelope::{Values, list_of},
};

/// Nothing of the metadata is read.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {}

/// The fields that Cosmos DB itself writes into each document.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Document<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow, rename = "_self")]
    link: Option<&'a RawValue>,
    #[serde(borrow, rename = "_etag")]
    etag: Option<&'a RawValue>,
    #[serde(borrow, rename = "_ts")]
    seconds: Option<&'a RawValue>,
    #[serde(borrow, rename = "_lsn")]
    lsn: Option<&'a RawValue>,
}

pub(super) fn records(values: &Values<'_, Metadata>, envelope: &Bytes) -> Result<Records, Error> {
    let documents = list_of(values.trigger, envelope, "the list of documents in `Data`");
    let documents = documents.map_err(|error| match error.kind() {
        ErrorKind::TooLarge => error,
        _ => values.mismatch("a list of documents (`cosmosDBTrigger`)"),
    })?;
    Ok(Box::new(documents.map(record)))
}

fn record(document: Bytes) -> Record {
    let Object(wire) = omnifn_core::json::parse::<Object<Document<'_>>>(&document).unwrap_or_default();
    let text = |value: Option<&RawValue>| omnifn_core::json::parse_str::<String>(value?.get()).ok();
    let number = |value: Option<&RawValue>| value?.get().parse::<i64>().ok();
    let id = text(wire.id);
    let mut change = Change::new(ChangeKind::Written, None, None);
    change.key = id.as_ref().map(|id| json!({"id": id}));
    change.source = text(wire.link);
    change.time = number(wire.seconds).and_then(|seconds| time::from_millis(seconds.checked_mul(1000)?));
    change.sequence = number(wire.lsn).map(|lsn| lsn.to_string());
    // A document may be written several times, so its tag is part of the id.
    change.id = id.zip(text(wire.etag)).map(|(id, etag)| format!("{id}/{}", etag.trim_matches('"')));
    let name = change.id.clone();
    change.new = Some(Json::new(document));
    let mut record = Record::new(Ok(Event::from(change)));
    record.id = name;
    // The changes are in the order of their partition's log.
    record.group = Some(String::new());
    record
}
