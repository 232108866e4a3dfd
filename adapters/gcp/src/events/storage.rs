//! Changes of objects in Cloud Storage: in CloudEvents of Eventarc, and in its notifications through Pub/Sub.

use omnifn_core::{
    Error, ErrorKind,
    cloudevents::Attributes,
    event::{Class, CloudEvent, Message, Object, ObjectChange, time},
    json::{self, Entries, Str},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::eventarc::mismatch;

/// The data of an object in Cloud Storage. Its 64-bit integers are strings, but numbers are read as well.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Resource<'a> {
    #[serde(borrow)]
    bucket: Option<Str<'a>>,
    #[serde(borrow)]
    name: Option<Str<'a>>,
    #[serde(borrow)]
    size: Option<&'a RawValue>,
    #[serde(borrow)]
    etag: Option<Str<'a>>,
    #[serde(borrow)]
    generation: Option<&'a RawValue>,
    #[serde(borrow)]
    metageneration: Option<&'a RawValue>,
    #[serde(borrow)]
    content_type: Option<Str<'a>>,
    metadata: Option<Entries<String>>,
}

const TYPES: &str = "google.cloud.storage.object.v1.";

pub(super) fn of_cloud_event(event: CloudEvent) -> Result<Object, Error> {
    let bucket = event.extensions.get("bucket").map(String::as_str);
    let mut object = changed(&event.r#type, &event.source, event.subject.as_deref(), bucket, &event.data)?;
    object.time = event.time();
    object.id = Some(event.id);
    object.source = Some(event.source);
    Ok(object)
}

/// Reads the change of an event whose attributes are headers.
pub(super) fn of_attributes(event: Attributes<'_>, data: &[u8]) -> Result<Object, Error> {
    let bucket = event.extension("bucket");
    let mut object = changed(&event.r#type, &event.source, event.subject.as_deref(), bucket, data)?;
    object.time = event.time;
    object.id = Some(event.id.into_owned());
    object.source = Some(event.source.into_owned());
    Ok(object)
}

fn read(data: &[u8]) -> Result<Resource<'_>, Error> {
    json::object(data, "the data of this event of Cloud Storage")
}

/// Returns an integer as a string.
fn integer(value: Option<&RawValue>) -> Option<String> {
    value.map(|value| value.get().trim_matches('"').to_owned())
}

fn changed(
    r#type: &str,
    source: &str,
    subject: Option<&str>,
    bucket: Option<&str>,
    data: &[u8],
) -> Result<Object, Error> {
    let change = match r#type.strip_prefix(TYPES) {
        Some("finalized") => ObjectChange::Created,
        Some("deleted") => ObjectChange::Deleted,
        Some("archived") => ObjectChange::Archived,
        Some("metadataUpdated") => ObjectChange::Updated,
        _ => return Err(mismatch(r#type, Class::Storage)),
    };
    let bucket = || bucket.or_else(|| source.split_once("/buckets/").map(|(_, bucket)| bucket)).map(str::to_owned);
    let name = || subject?.strip_prefix("objects/").map(str::to_owned);
    object(change, read(data)?, bucket, name)
}

pub(super) fn of_notification(message: &Message) -> Result<Object, Error> {
    let attribute = |name: &str| message.attributes.get(name).cloned();
    let change = match attribute("eventType").as_deref() {
        Some("OBJECT_FINALIZE") => ObjectChange::Created,
        Some("OBJECT_DELETE") => ObjectChange::Deleted,
        Some("OBJECT_ARCHIVE") => ObjectChange::Archived,
        Some("OBJECT_METADATA_UPDATE") => ObjectChange::Updated,
        _ => return Err(mismatch("a message of Pub/Sub that is not a notification of Cloud Storage", Class::Storage)),
    };
    // The payload may be left out (`payloadFormat` is NONE then).
    let resource = match message.body.is_empty() {
        true => Resource::default(),
        false => read(&message.body)?,
    };
    let mut object = object(change, resource, || attribute("bucketId"), || attribute("objectId"))?;
    object.version = object.version.or_else(|| attribute("objectGeneration"));
    object.sequence = object.version.clone();
    object.id.clone_from(&message.id);
    object.source = attribute("bucketId").map(|bucket| format!("//storage.googleapis.com/projects/_/buckets/{bucket}"));
    object.time = attribute("eventTime").as_deref().and_then(time::parse).or(message.time);
    Ok(object)
}

fn object(
    change: ObjectChange,
    resource: Resource<'_>,
    bucket: impl FnOnce() -> Option<String>,
    name: impl FnOnce() -> Option<String>,
) -> Result<Object, Error> {
    let missing = |what: &str| Error::new(ErrorKind::Decode, format!("this event of Cloud Storage names no {what}"));
    let bucket = resource.bucket.map(Str::into_string).or_else(bucket).ok_or_else(|| missing("bucket"))?;
    let name = resource.name.map(Str::into_string).or_else(name).ok_or_else(|| missing("object"))?;
    let mut object = Object::new(change, bucket, name);
    object.size = integer(resource.size).and_then(|size| size.parse().ok());
    object.etag = resource.etag.map(Str::into_string);
    object.version = integer(resource.generation);
    object.sequence = object.version.clone();
    object.content_type = resource.content_type.map(Str::into_string);
    object.metadata = resource.metadata.unwrap_or_default().0;
    if let Some(metageneration) = integer(resource.metageneration)
        && change == ObjectChange::Updated
    {
        object.sequence = object.sequence.map(|sequence| format!("{sequence}/{metageneration}"));
    }
    Ok(object)
}
