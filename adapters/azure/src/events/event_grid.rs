//! Events of Event Grid, in its own schema and in that of CloudEvents.

use bytes::Bytes;
use omnifn_core::{
    Error, Event, Record,
    cloudevents::{self, Received},
    event::{CloudEvent, Message},
    json::{self, Object, Str},
};
use serde::{Deserialize, Deserializer, de::IgnoredAny};
use serde_json::value::RawValue;

use super::envelope::Values;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct GridEvent<'a> {
    #[serde(borrow)]
    id: Str<'a>,
    #[serde(borrow)]
    event_type: Str<'a>,
    subject: Option<String>,
    event_time: Option<String>,
    #[serde(borrow)]
    topic: Option<Str<'a>>,
    data_version: Option<String>,
    /// `null` is a value, too.
    #[serde(borrow, default, deserialize_with = "present")]
    data: Option<&'a RawValue>,
}

fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Nothing of the metadata is read.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Metadata {}

pub(super) fn of_trigger(values: &Values<'_, Metadata>) -> Result<Record, Error> {
    let event = event(values.trigger).ok_or_else(|| values.mismatch("an event of Event Grid (`eventGridTrigger`)"))?;
    Ok(record(event, |event| Ok(Event::from(event))))
}

/// A record of an event, with the event's id.
pub(super) fn record(
    received: Result<Received, Error>,
    convert: impl FnOnce(CloudEvent) -> Result<Event, Error>,
) -> Record {
    let (event, warning) = match received {
        Ok(Received { event, warning, .. }) => (event, warning),
        Err(error) => return Record::new(Err(error)),
    };
    let id = event.id.clone();
    let mut record = Record::new(convert(event));
    (record.id, record.warning) = (Some(id), warning);
    record
}

/// Decodes an event in either schema; `None` if the value is neither.
pub(super) fn event(value: &RawValue) -> Option<Result<Received, Error>> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Probe {
        specversion: Option<IgnoredAny>,
        event_type: Option<IgnoredAny>,
    }
    // A large message of another service is not read for this.
    if !value.get().starts_with('{') {
        return None;
    }
    let probe: Object<Probe> = json::parse_str(value.get()).ok()?;
    if probe.specversion.is_some() {
        let bytes = Bytes::copy_from_slice(value.get().as_bytes());
        return Some(cloudevents::read_structured(&bytes));
    }
    probe.event_type.is_some().then(|| own(value).map(Received::from))
}

/// An event in Event Grid's own schema.
fn own(value: &RawValue) -> Result<CloudEvent, Error> {
    let event: GridEvent<'_> = json::object(value.get().as_bytes(), "this event of Event Grid")?;
    let data = event.data.map(|data| Bytes::copy_from_slice(data.get().as_bytes())).unwrap_or_default();
    let mut cloud = CloudEvent::new(event.id, event.topic.unwrap_or_default(), event.event_type, data);
    cloud.subject = event.subject.filter(|subject| !subject.is_empty());
    cloud.time_text = event.event_time;
    cloud.data_content_type = Some("application/json".to_owned());
    let version = event.data_version.filter(|version| !version.is_empty());
    cloud.extensions.extend(version.map(|version| ("dataversion".to_owned(), version)));
    Ok(cloud)
}

/// Converts an event into a message of a topic, if it is one.
pub(super) fn published(value: &RawValue) -> Option<Record> {
    Some(record(event(value)?, |event| Ok(Event::from(message(event)))))
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
