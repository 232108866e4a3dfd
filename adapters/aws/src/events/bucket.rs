//! Changes of objects in S3.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Record,
    event::{Object, ObjectChange, time},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::log;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3 {
    event_name: Option<String>,
    event_time: Option<String>,
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    bucket: Bucket,
    object: Entry,
}

#[derive(Deserialize)]
struct Bucket {
    name: String,
    arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    key: String,
    size: Option<u64>,
    e_tag: Option<String>,
    version_id: Option<String>,
    sequencer: Option<String>,
}

/// The name of the bucket.
pub(super) fn name(record: &RawValue) -> Option<String> {
    serde_json::from_str::<S3>(record.get()).ok().map(|record| record.s3.bucket.name)
}

pub(super) fn record(record: &RawValue, raw: Bytes) -> Record {
    let mut read = Record::new(self::read(record));
    read.id = log::text_at(record, "s3/object/sequencer");
    read.raw = Some(raw);
    read
}

pub(super) fn read(record: &RawValue) -> Result<Event, Error> {
    let record: S3 = serde_json::from_str(record.get())
        .map_err(|e| Error::new(ErrorKind::Decode, "this record of S3 cannot be read").with_json_source(&e))?;
    let name = record.event_name.as_deref().unwrap_or_default();
    let change = change(name).ok_or_else(|| {
        Error::new(ErrorKind::Decode, format!("S3 says of an object that {name:?} happened, which is no change of it"))
    })?;
    let Entity { bucket, object: entry } = record.s3;
    let mut object = Object::new(change, bucket.name, key(&entry.key));
    object.source = bucket.arn;
    object.time = record.event_time.as_deref().and_then(time::parse);
    object.size = entry.size;
    object.etag = entry.e_tag.filter(|etag| !etag.is_empty());
    object.version = entry.version_id.filter(|version| !version.is_empty());
    object.sequence = entry.sequencer;
    Ok(Event::from(object))
}

/// What happened, by the event's name, which may begin with `s3:`.
fn change(name: &str) -> Option<ObjectChange> {
    let name = name.strip_prefix("s3:").unwrap_or(name);
    let change = match name.split(':').next()? {
        "ObjectCreated" | "ObjectRestore" => ObjectChange::Created,
        "ObjectRemoved" | "LifecycleExpiration" => ObjectChange::Deleted,
        "LifecycleTransition" | "IntelligentTiering" => ObjectChange::Archived,
        "ObjectTagging" | "ObjectAcl" | "Replication" => ObjectChange::Updated,
        _ => return None,
    };
    Some(change)
}

/// A key, which S3 writes as a form does: `+` is a space, `%2B` is `+`. What is no UTF-8 then stays as it came.
fn key(written: &str) -> String {
    let spaced = written.replace('+', " ");
    match percent_encoding::percent_decode_str(&spaced).decode_utf8() {
        Ok(key) => key.into_owned(),
        Err(_) => written.to_owned(),
    }
}
