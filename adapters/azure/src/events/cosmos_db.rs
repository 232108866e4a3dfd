//! Changes of documents in Cosmos DB, which never include deletions.

use std::borrow::Cow;

use omnifn_core::{
    Error, Event, Record,
    event::{Change, ChangeKind, time},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::envelope::Values;

/// Nothing of the metadata is read.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {}

pub(super) fn records(values: &Values<'_, Metadata>) -> Result<Vec<Record>, Error> {
    let documents = documents(values.trigger.get());
    let documents = documents.ok_or_else(|| values.unfit("a list of documents (`cosmosDBTrigger`)"))?;
    Ok(documents.into_iter().map(record).collect())
}

/// A list, as it is, in a string, or in a string in a string.
fn documents(json: &str) -> Option<Vec<Value>> {
    let mut text = Cow::Borrowed(json);
    while text.starts_with('"') {
        text = Cow::Owned(serde_json::from_str::<String>(&text).ok()?);
    }
    serde_json::from_str(&text).ok()
}

fn record(document: Value) -> Record {
    let text = |name: &str| document.get(name).and_then(Value::as_str).map(str::to_owned);
    let number = |name: &str| document.get(name).and_then(Value::as_i64);
    let id = text("id");
    let mut change = Change::new(ChangeKind::Written, None, None);
    change.key = id.as_ref().map(|id| json!({"id": id}));
    change.source = text("_self");
    change.time = number("_ts").and_then(|seconds| time::from_millis(seconds.checked_mul(1000)?));
    change.sequence = number("_lsn").map(|lsn| lsn.to_string());
    // A document may be written several times, so its tag is part of the id.
    change.id = id.zip(text("_etag")).map(|(id, etag)| format!("{id}/{}", etag.trim_matches('"')));
    let name = change.id.clone();
    change.new = Some(document);
    let mut record = Record::new(Ok(Event::from(change)));
    record.id = name;
    // The changes are in the order of their partition's log.
    record.group = Some(String::new());
    record
}
