//! Blobs, by a blob trigger or by Event Grid's events of storage.

use std::collections::BTreeMap;

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Record,
    event::{CloudEvent, Object, ObjectChange, time},
    json,
};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{envelope::Values, event_grid};

pub(super) fn records(values: &Values<'_>) -> Result<Vec<Record>, Error> {
    let Some(trigger) = values.trigger() else { return Err(values.unfit("a blob")) };
    if let Some(event) = event_grid::event(trigger) {
        return Ok(vec![event_grid::record(event, |event| of_grid(&event).map(Event::from))]);
    }
    let mut record = Record::new(of_trigger(values, trigger.get()).map(Event::from));
    record.id = values.text("Uri");
    Ok(vec![record])
}

/// Reads the data of a blob trigger: the blob's contents and its address.
fn of_trigger(values: &Values<'_>, content: &str) -> Result<Object, Error> {
    let uri = values.text("Uri").ok_or_else(|| values.unfit("a blob (`blobTrigger`)"))?;
    let (container, name) = place(&uri)?;
    let mut object = Object::new(ObjectChange::Created, container, name);
    let properties: Map<String, Value> = values.get("Properties").unwrap_or_default();
    let property = |name: &str| properties.get(name).and_then(Value::as_str).map(str::to_owned);
    let metadata: BTreeMap<String, String> = values.get("Metadata").unwrap_or_default();
    object.metadata = metadata;
    object.etag = property("ETag").map(|etag| etag.trim_matches('"').to_owned());
    object.content_type = property("ContentType");
    object.version = property("VersionId");
    object.time = property("LastModified").as_deref().and_then(time::parse);
    object.size = properties.get("Length").or_else(|| properties.get("ContentLength")).and_then(Value::as_u64);
    object.content = bytes(content);
    object.source = Some(uri);
    Ok(object)
}

/// The contents are base64 with `"dataType": "binary"`, which is required.
fn bytes(content: &str) -> Option<Bytes> {
    let text: String = serde_json::from_str(content).ok()?;
    base64_simd::STANDARD.decode_to_vec(text.as_bytes()).ok().map(Bytes::from)
}

/// An event of storage.
pub(super) fn of_grid(event: &CloudEvent) -> Result<Object, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        url: Option<String>,
        content_length: Option<u64>,
        content_type: Option<String>,
        e_tag: Option<String>,
        sequencer: Option<String>,
    }
    let change = match event.r#type.as_str() {
        "Microsoft.Storage.BlobCreated" | "Microsoft.Storage.BlobRenamed" => ObjectChange::Created,
        "Microsoft.Storage.BlobDeleted" => ObjectChange::Deleted,
        "Microsoft.Storage.BlobTierChanged" => ObjectChange::Archived,
        other => {
            let other: String = other.chars().take(120).collect();
            let words = format!("an event of the type {other:?} came, and this function takes changes of objects");
            return Err(Error::new(ErrorKind::Unsupported, words));
        }
    };
    let data: Data = json::object(&event.data, "the data of this event of storage")?;
    // `/blobServices/default/containers/uploads/blobs/2026/cat.jpg`, which is not encoded.
    let subject = event.subject.as_deref().unwrap_or_default();
    let of_subject = subject.split_once("/containers/").and_then(|(_, rest)| rest.split_once("/blobs/"));
    let (container, name) = match (of_subject, &data.url) {
        (Some((container, name)), _) => (container.to_owned(), name.to_owned()),
        (None, Some(url)) => place(url)?,
        (None, None) => return Err(Error::new(ErrorKind::Decode, "this event of storage names no blob")),
    };
    let mut object = Object::new(change, container, name);
    object.id = Some(event.id.clone());
    object.source = data.url.or_else(|| Some(event.source.clone()));
    object.time = event.time();
    object.size = data.content_length.filter(|_| change == ObjectChange::Created);
    object.etag = data.e_tag;
    object.content_type = data.content_type;
    object.sequence = data.sequencer;
    Ok(object)
}

/// `https://account.blob.core.windows.net/uploads/2026/cat%20a.jpg`, or an emulator's, with the account in the path.
fn place(url: &str) -> Result<(String, String), Error> {
    let wrong = || Error::new(ErrorKind::Decode, "the address of the blob names no container and no blob");
    let (_, rest) = url.split_once("://").ok_or_else(wrong)?;
    let (authority, path) = rest.split_once('/').ok_or_else(wrong)?;
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let path = match authority.contains(".blob.") {
        true => path,
        false => path.split_once('/').ok_or_else(wrong)?.1,
    };
    let (container, name) = path.split_once('/').filter(|(_, name)| !name.is_empty()).ok_or_else(wrong)?;
    let decoded = percent_encoding::percent_decode_str(name).decode_utf8();
    Ok((container.to_owned(), decoded.map_or_else(|_| name.to_owned(), |name| name.into_owned())))
}
