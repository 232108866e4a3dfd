//! Notifications of SNS, and the events that services put into the text of a message.

use bytes::Bytes;
use omnifn_core::{
    Error, Event, Spec,
    event::{Class, Message, time},
    json::{self, Elements, Entries, Object, Str},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Claim, Opened, Source, event_bridge, missing, other_than, s3, short_name, source};
use crate::detect::Probe;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    sns: Object<Notification<'a>>,
}

/// A notification, in a record of its own or as the body of a message in SQS.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notification<'a> {
    #[serde(borrow)]
    message_id: Option<Str<'a>>,
    #[serde(borrow)]
    topic_arn: Option<Str<'a>>,
    #[serde(borrow)]
    subject: Option<Str<'a>>,
    #[serde(borrow)]
    message: Option<Str<'a>>,
    #[serde(borrow)]
    timestamp: Option<Str<'a>>,
    message_attributes: Option<Entries<Object<Attribute>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    value: Option<String>,
}

/// SNS.
pub(super) struct Sns;

impl Source for Sns {
    type Record<'a> = Record<'a>;

    const SERVICE: &'static str = "SNS";
    const RECORD: &'static str = "notification";
    const SYSTEM: Option<&'static str> = Some("aws.sns");
    const CLASS: Class = Class::Topic;
    const ID: &'static [&'static str] = &["Sns", "MessageId"];

    fn claims(record: &Record<'_>) -> Vec<Claim> {
        claims(&record.sns)
    }

    fn read(record: Record<'_>, raw: &Bytes, function: &'static Spec) -> Opened {
        let Object(notification) = record.sns;
        let id = notification.message_id.clone().map(Str::into_string);
        let raw = raw.clone();
        Opened::new(notified(notification, &raw, function).map(move |event| {
            let mut record = omnifn_core::Record::new(event);
            record.id.clone_from(&id);
            record.raw = Some(raw.clone());
            record
        }))
    }
}

/// The most records of S3 in one message. S3 sends one record in each, of about 700 bytes, so that not even a message of the largest size
/// (1 MiB) has room for more.
const OBJECTS: usize = 2000;

/// The events in a message. Those of objects are decoded when they are needed.
pub(super) enum Events {
    One(Option<Result<Event, Error>>),
    Objects(Elements),
}

impl Iterator for Events {
    type Item = Result<Event, Error>;

    fn next(&mut self) -> Option<Result<Event, Error>> {
        match self {
            Events::One(event) => event.take(),
            Events::Objects(list) => list.next().map(|record| s3::read(&record)),
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = match self {
            Events::One(event) => usize::from(event.is_some()),
            Events::Objects(list) => list.len(),
        };
        (left, Some(left))
    }
}

impl ExactSizeIterator for Events {}

fn claims(notification: &Notification<'_>) -> Vec<Claim> {
    let mut claims = claims_of_text(notification.message.as_deref().unwrap_or_default());
    claims.push((Class::Topic, notification.topic_arn.as_deref().and_then(short_name).map(str::to_owned)));
    claims
}

/// The content of a message's text, if a service of AWS wrote it.
enum Inside<'t> {
    Notification(Notification<'t>),
    /// The list of the records, and the first of them.
    Objects(&'t RawValue, Bytes),
    S3Test,
    EventBridge(event_bridge::Event<'t>),
    Nothing,
}

fn inside(text: &[u8]) -> Inside<'_> {
    if !text.trim_ascii_start().starts_with(b"{") {
        return Inside::Nothing;
    }
    let Ok(probe) = json::parse::<Probe<'_>>(text) else { return Inside::Nothing };
    if probe.is_notification()
        && let Ok(notification) = json::parse(text)
    {
        return Inside::Notification(notification);
    }
    if probe.is_s3_test() {
        return Inside::S3Test;
    }
    if probe.is_event_bridge()
        && let Ok(event) = json::parse(text)
    {
        return Inside::EventBridge(event);
    }
    match probe.records {
        Some(list) => match first(list) {
            Some(record) if source(&record).as_deref() == Some("aws:s3") => Inside::Objects(list, record),
            _ => Inside::Nothing,
        },
        None => Inside::Nothing,
    }
}

/// Returns the first element of a list, if it is one.
fn first(list: &RawValue) -> Option<Bytes> {
    json::first(list).map(|first| Bytes::copy_from_slice(first.get().as_bytes()))
}

/// Returns the classes that the text of a message could be read as.
pub(super) fn claims_of_text(text: &str) -> Vec<Claim> {
    match inside(text.as_bytes()) {
        Inside::Notification(notification) => claims(&notification),
        Inside::Objects(_, first) => vec![(Class::Storage, s3::bucket(&first))],
        Inside::S3Test => vec![(Class::Storage, None)],
        Inside::EventBridge(event) => event.claims(),
        Inside::Nothing => Vec::new(),
    }
}

fn notified(notification: Notification<'_>, document: &Bytes, function: &Spec) -> Events {
    match function.class() {
        Class::Topic => Events::One(Some(published(notification, document).map(Event::from))),
        _ => opened(&notification.message.unwrap_or_default().into_bytes(document), function),
    }
}

/// Decodes the content of a text as the function declares it.
pub(super) fn opened(text: &Bytes, function: &Spec) -> Events {
    match inside(text) {
        Inside::Notification(notification) => notified(notification, text, function),
        Inside::Objects(list, _) if function.class() == Class::Storage => {
            match Elements::within(text, list, OBJECTS, "`Records` of this message") {
                Ok(list) => Events::Objects(list),
                Err(error) => Events::One(Some(Err(error))),
            }
        }
        Inside::S3Test if function.class() == Class::Storage => Events::One(None),
        Inside::EventBridge(event) => Events::One(Some(event.read(text, function))),
        _ => Events::One(Some(Err(other_than(function)))),
    }
}

fn published(notification: Notification<'_>, document: &Bytes) -> Result<Message, Error> {
    let content = notification.message.ok_or_else(|| missing("`Message` of this notification of SNS"))?;
    let mut message = Message::new(content.into_bytes(document));
    message.id = notification.message_id.map(Str::into_string);
    message.source = notification.topic_arn.map(Str::into_string);
    message.subject = notification.subject.map(Str::into_string);
    message.time = notification.timestamp.as_deref().and_then(time::parse);
    let attributes = notification.message_attributes.unwrap_or_default().0.into_iter();
    message.attributes =
        attributes.filter_map(|(name, json::Object(attribute))| Some((name, attribute.value?))).collect();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(message)
}
