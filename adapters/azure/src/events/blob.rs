//! Blobs, by a blob trigger or by Event Grid's events of storage.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Record,
    event::{CloudEvent, Object, ObjectChange, time},
    json::{self, Str},
    log::cut_to,
};
use serde::Deserialize;

use super::{
    envelope::{Forged, Properties, Text, Values},
    event_grid,
};

/// The metadata of a blob.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Metadata {
    uri: Text,
    properties: Properties,
    metadata: Properties,
}

pub(super) fn record(values: Values<'_, Metadata>) -> Result<Record, Error> {
    if values.is_null() {
        return Err(values.mismatch("a blob"));
    }
    if let Some(event) = event_grid::event(values.trigger) {
        return Ok(event_grid::record(event, |event| of_grid(&event).map(Event::from)));
    }
    // The contents are base64, which overwrites no metadata. Other contents are text, which may.
    let text = json::parse_str::<Str<'_>>(values.trigger.get()).unwrap_or_default();
    let inner = json::parse_str::<String>(&text).ok();
    let forged = Forged::by(inner.as_deref().unwrap_or(&text).as_bytes());
    let uri = forged.keep("Uri", values.metadata.uri.clone()).0;
    let mut record = Record::new(match &uri {
        Some(uri) => of_trigger(values, uri, &forged).map(Event::from),
        None => Err(values.mismatch("a blob (`blobTrigger`)")),
    });
    record.id = uri;
    Ok(record)
}

/// Reads the data of a blob trigger: the blob's contents and its address.
fn of_trigger(values: Values<'_, Metadata>, uri: &str, forged: &Forged) -> Result<Object, Error> {
    let (container, name) = place(uri)?;
    let mut object = Object::new(ObjectChange::Created, container, name);
    let properties = forged.keep("Properties", values.metadata.properties).0.unwrap_or_default();
    let property = |name: &str| properties.get(name).cloned();
    object.metadata = forged.keep("Metadata", values.metadata.metadata).0.unwrap_or_default();
    // The host of today writes an object without members: `Azure.ETag` has a converter for System.Text.Json only, and the host writes JSON
    // with Newtonsoft (https://github.com/Azure/azure-sdk-for-net/blob/main/sdk/core/Azure.Core/src/ETag.cs).
    object.etag = property("ETag").filter(|etag| !etag.starts_with('{')).map(|etag| etag.trim_matches('"').to_owned());
    object.content_type = property("ContentType");
    object.version = property("VersionId");
    object.time = property("LastModified").as_deref().and_then(time::parse);
    object.size = property("Length").or_else(|| property("ContentLength")).and_then(|length| length.parse().ok());
    object.content = bytes(values.trigger.get());
    object.source = Some(uri.to_owned());
    Ok(object)
}

/// The contents are base64 with `"dataType": "binary"`, which is required.
fn bytes(content: &str) -> Option<Bytes> {
    let text: Str<'_> = json::parse_str(content).ok()?;
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
            let other = cut_to(other, 120);
            let words = format!("received an event of the type {other:?}, but this function takes changes of objects");
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
