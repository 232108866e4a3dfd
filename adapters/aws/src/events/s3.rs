//! Changes of objects in S3.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Spec,
    event::{self, Class, ObjectChange, time},
    json::{self, Object, Str},
    log::cut,
};
use serde::Deserialize;

use super::{Claim, Opened, Source};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    event_name: Option<Str<'a>>,
    #[serde(borrow)]
    event_time: Option<Str<'a>>,
    #[serde(borrow)]
    s3: Object<Entity<'a>>,
}

#[derive(Deserialize)]
struct Entity<'a> {
    #[serde(borrow)]
    bucket: Object<Bucket<'a>>,
    #[serde(borrow)]
    object: Object<Entry<'a>>,
}

#[derive(Deserialize)]
struct Bucket<'a> {
    #[serde(borrow)]
    name: Str<'a>,
    #[serde(borrow)]
    arn: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    #[serde(borrow)]
    key: Str<'a>,
    size: Option<u64>,
    #[serde(borrow)]
    e_tag: Option<Str<'a>>,
    #[serde(borrow)]
    version_id: Option<Str<'a>>,
    #[serde(borrow)]
    sequencer: Option<Str<'a>>,
}

/// S3.
pub(super) struct S3;

impl Source for S3 {
    type Record<'a> = Record<'a>;

    const SERVICE: &'static str = "S3";
    const RECORD: &'static str = "record";
    const CLASS: Class = Class::Storage;
    const ID: &'static [&'static str] = &["s3", "object", "sequencer"];

    fn claims(record: &Record<'_>) -> Vec<Claim> {
        vec![(Class::Storage, Some(record.s3.bucket.name.to_string()))]
    }

    fn read(wire: Record<'_>, raw: &Bytes, _: &'static Spec) -> Opened {
        let id = wire.s3.object.sequencer.clone();
        let mut record = omnifn_core::Record::new(object(wire));
        record.id = id.map(Str::into_string);
        record.raw = Some(raw.clone());
        Opened::new([record].into_iter())
    }
}

/// Returns the name of the bucket.
pub(super) fn bucket(record: &[u8]) -> Option<String> {
    json::parse::<Record<'_>>(record).ok().map(|record| record.s3.bucket.name.to_string())
}

/// Reads a record inside a message.
pub(super) fn read(record: &[u8]) -> Result<Event, Error> {
    object(json::object(record, "this record of S3")?)
}

fn object(record: Record<'_>) -> Result<Event, Error> {
    let name = record.event_name.as_deref().unwrap_or_default();
    let change = change(name).ok_or_else(|| {
        Error::new(ErrorKind::Decode, format!("S3 reports {:?} of an object, which is not a known change", cut(name)))
    })?;
    let Object(Entity { bucket: Object(bucket), object: Object(entry) }) = record.s3;
    let text = |text: Option<Str<'_>>| text.map(Str::into_string).filter(|text| !text.is_empty());
    let mut object = event::Object::new(change, bucket.name, key(&entry.key));
    object.source = text(bucket.arn);
    object.time = record.event_time.as_deref().and_then(time::parse);
    object.size = entry.size;
    object.etag = text(entry.e_tag);
    object.version = text(entry.version_id);
    object.sequence = text(entry.sequencer);
    Ok(Event::from(object))
}

/// Returns the kind of change from the event's name, which may begin with `s3:`.
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

/// Decodes a key, which S3 encodes like a form: `+` is a space, `%2B` is `+`. A key that is not UTF-8 afterwards is left encoded.
fn key(written: &str) -> String {
    let spaced = written.replace('+', " ");
    match percent_encoding::percent_decode_str(&spaced).decode_utf8() {
        Ok(key) => key.into_owned(),
        Err(_) => written.to_owned(),
    }
}
