//! Events of Event Grid, in its own schema and in that of CloudEvents.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Record, Spec,
    cloudevents::{self, Mode},
    event::{CloudEvent, Message},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::values::Values;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GridEvent<'a> {
    id: String,
    event_type: String,
    subject: Option<String>,
    event_time: Option<String>,
    topic: Option<String>,
    data_version: Option<String>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
}

pub(super) fn records(values: &Values<'_>, _: &Spec) -> Result<Vec<Record>, Error> {
    let event =
        values.trigger().and_then(event).ok_or_else(|| values.unfit("an event of Event Grid (`eventGridTrigger`)"))?;
    Ok(vec![record(event)])
}

pub(super) fn record(event: Result<CloudEvent, Error>) -> Record {
    let id = event.as_ref().ok().map(|event| event.id.clone());
    let mut record = Record::new(event.map(Event::from));
    record.id = id;
    record
}

/// An event in either schema; `None` where the value is neither.
pub(super) fn event(value: &RawValue) -> Option<Result<CloudEvent, Error>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Probe {
        specversion: Option<serde::de::IgnoredAny>,
        event_type: Option<serde::de::IgnoredAny>,
    }
    let probe: Probe = serde_json::from_str(value.get()).ok()?;
    if probe.specversion.is_some() {
        let bytes = Bytes::copy_from_slice(value.get().as_bytes());
        let events = cloudevents::read(Mode::Structured, &http::HeaderMap::new(), &bytes);
        return Some(events.and_then(|events| {
            let missing = || Error::new(ErrorKind::Decode, "there is no event");
            events.into_iter().next().ok_or_else(missing).and_then(|event| event)
        }));
    }
    probe.event_type?;
    Some(own(value))
}

/// An event in Event Grid's own schema.
fn own(value: &RawValue) -> Result<CloudEvent, Error> {
    let event: GridEvent<'_> = serde_json::from_str(value.get())
        .map_err(|e| Error::new(ErrorKind::Decode, "this event of Event Grid cannot be read").with_json_source(&e))?;
    let data = event.data.map(|data| Bytes::copy_from_slice(data.get().as_bytes())).unwrap_or_default();
    let mut cloud = CloudEvent::new(event.id, event.topic.unwrap_or_default(), event.event_type, data);
    cloud.subject = event.subject.filter(|subject| !subject.is_empty());
    cloud.time_text = event.event_time;
    cloud.data_content_type = Some("application/json".to_owned());
    let version = event.data_version.filter(|version| !version.is_empty());
    cloud.extensions.extend(version.map(|version| ("dataversion".to_owned(), version)));
    Ok(cloud)
}

/// An event as a message of a topic, where it is one.
pub(super) fn published(value: &RawValue, _: &Spec) -> Option<Record> {
    let read = event(value)?;
    let id = read.as_ref().ok().map(|event| event.id.clone());
    let mut record = Record::new(read.map(|event| Event::from(message(event))));
    record.id = id;
    Some(record)
}

pub(super) fn message(event: CloudEvent) -> Message {
    let time = event.time();
    let mut message = Message::new(event.data);
    message.id = Some(event.id);
    message.source = Some(event.source);
    message.subject = event.subject;
    message.time = time;
    message.content_type = event.data_content_type;
    message.attributes = event.extensions;
    message.attributes.insert("type".to_owned(), event.r#type);
    message
}
