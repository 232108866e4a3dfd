//! Events of EventBridge: of a bus, of a schedule, of a bucket.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Spec,
    event::{Class, CloudEvent, Object, ObjectChange, Tick, time},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Claim, log, probe::Probe};

#[derive(Deserialize)]
struct Envelope<'a> {
    id: Option<String>,
    time: Option<String>,
    account: Option<String>,
    region: Option<String>,
    #[serde(default)]
    resources: Option<Vec<String>>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Detail {
    bucket: Name,
    object: Entry,
}

#[derive(Deserialize)]
struct Name {
    name: String,
}

#[derive(Deserialize)]
struct Entry {
    key: String,
    size: Option<u64>,
    etag: Option<String>,
    #[serde(rename = "version-id")]
    version: Option<String>,
    sequencer: Option<String>,
}

fn words<'p>(probe: &'p Probe<'_>) -> (&'p str, &'p str) {
    (probe.source.as_deref().unwrap_or_default(), probe.detail_type.as_deref().unwrap_or_default())
}

fn is_schedule(probe: &Probe<'_>) -> bool {
    let (source, detail_type) = words(probe);
    source == "aws.scheduler" || (source == "aws.events" && detail_type == "Scheduled Event")
}

/// What came, as an error says it.
pub(super) fn came(probe: &Probe<'_>) -> String {
    let (source, detail_type) = words(probe);
    let what = if is_schedule(probe) { "a schedule" } else { "an event" };
    format!("{what} of EventBridge (`{detail_type}` from `{source}`)")
}

/// As what it could be taken.
pub(super) fn claims(probe: &Probe<'_>) -> Vec<Claim> {
    let (source, detail_type) = words(probe);
    let mut claims = Vec::new();
    if is_schedule(probe) {
        claims.push((Class::Schedule, None));
    }
    if source == "aws.s3" && object_change(detail_type).is_some() {
        let detail = probe.detail.and_then(|detail| serde_json::from_str::<Detail>(detail.get()).ok());
        claims.push((Class::Storage, detail.map(|detail| detail.bucket.name)));
    }
    claims.push((Class::Event, Some(detail_type.to_owned())));
    claims
}

/// The event as the function declares it.
pub(super) fn read(probe: &Probe<'_>, event: &Bytes, function: &Spec) -> Result<Event, Error> {
    let envelope: Envelope<'_> = serde_json::from_slice(event)
        .map_err(|e| Error::new(ErrorKind::Decode, "this event of EventBridge cannot be read").with_json_source(&e))?;
    let detail = envelope.detail.map(|detail| Bytes::copy_from_slice(detail.get().as_bytes())).unwrap_or_default();
    match function.class() {
        Class::Schedule => Ok(Event::from(tick(envelope, detail))),
        Class::Storage => object(probe, envelope).map(Event::from),
        Class::Event => Ok(Event::from(cloud(probe, envelope, detail))),
        _ => Err(log::other_than(function)),
    }
}

fn tick(envelope: Envelope<'_>, detail: Bytes) -> Tick {
    let mut tick = Tick::new();
    tick.id = envelope.id;
    tick.scheduled = envelope.time.as_deref().and_then(time::parse);
    tick.source = envelope.resources.and_then(|resources| resources.into_iter().next());
    // A rule's detail is empty, and EventBridge Scheduler's a text that is.
    tick.input = if matches!(&detail[..], b"{}" | b"\"{}\"") { Bytes::new() } else { detail };
    tick
}

fn object_change(detail_type: &str) -> Option<ObjectChange> {
    Some(match detail_type {
        "Object Created" | "Object Restore Completed" => ObjectChange::Created,
        "Object Deleted" => ObjectChange::Deleted,
        "Object Storage Class Changed" | "Object Access Tier Changed" => ObjectChange::Archived,
        "Object Tags Added" | "Object Tags Deleted" | "Object ACL Updated" => ObjectChange::Updated,
        _ => return None,
    })
}

/// An object. Its key is as it is: EventBridge does not encode it.
fn object(probe: &Probe<'_>, envelope: Envelope<'_>) -> Result<Object, Error> {
    let (_, detail_type) = words(probe);
    let unfit = || format!("`{detail_type}` from EventBridge is no change of an object");
    let change = object_change(detail_type).ok_or_else(|| Error::new(ErrorKind::Decode, unfit()))?;
    let detail = envelope.detail.map_or("null", RawValue::get);
    let Detail { bucket, object: entry } = serde_json::from_str(detail).map_err(|e| {
        Error::new(ErrorKind::Decode, format!("`detail` of `{detail_type}` cannot be read")).with_json_source(&e)
    })?;
    let mut object = Object::new(change, bucket.name, entry.key);
    object.id = envelope.id;
    object.source = envelope.resources.and_then(|resources| resources.into_iter().next());
    object.time = envelope.time.as_deref().and_then(time::parse);
    object.size = entry.size;
    object.etag = entry.etag.filter(|etag| !etag.is_empty());
    object.version = entry.version.filter(|version| !version.is_empty());
    object.sequence = entry.sequencer;
    Ok(object)
}

fn cloud(probe: &Probe<'_>, envelope: Envelope<'_>, detail: Bytes) -> CloudEvent {
    let (source, detail_type) = words(probe);
    let mut event = CloudEvent::new(envelope.id.unwrap_or_default(), source, detail_type, detail);
    event.time_text = envelope.time;
    event.data_content_type = Some("application/json".to_owned());
    let resources = envelope.resources.unwrap_or_default();
    event.subject = resources.first().cloned();
    let named = [("account", envelope.account), ("region", envelope.region)];
    event.extensions.extend(named.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    event
}

/// An event that says nothing of itself, for a function that takes events of a type: a rule's own input.
pub(super) fn custom(event: &Bytes, function: &Spec) -> Event {
    let mut cloud = CloudEvent::new("", "", function.source().unwrap_or_default(), event.clone());
    cloud.data_content_type = Some("application/json".to_owned());
    Event::from(cloud)
}
