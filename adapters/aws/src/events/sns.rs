//! Notifications of SNS, and the events that services put into the text of a message.

use std::collections::BTreeMap;

use bytes::Bytes;
use omnifn_core::{
    Error, Event, Spec,
    event::{Class, Message, time},
    json::{self, Object, Str},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Claim, Named, Source, event_bridge, missing, other_than, s3, short_name, source};
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
    message_attributes: Option<BTreeMap<String, Object<Attribute>>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute {
    value: Option<String>,
}

impl<'a> Source<'a> for Record<'a> {
    const SERVICE: &'static str = "SNS";
    const RECORD: &'static str = "notification";
    const SYSTEM: Option<&'static str> = Some("aws.sns");
    const CLASS: Class = Class::Topic;
    const ID: &'static str = "/Sns/MessageId";

    fn claims(&self) -> Vec<Claim> {
        claims(&self.sns)
    }

    fn read(self, raw: &Bytes, function: &Spec) -> Vec<Named> {
        let Object(notification) = self.sns;
        let id = notification.message_id.clone();
        let records = notified(notification, raw, function).into_iter().map(|event| {
            let mut record = omnifn_core::Record::new(event);
            record.id = id.clone().map(Str::into_string);
            record.raw = Some(raw.clone());
            (None, record)
        });
        records.collect()
    }
}

fn claims(notification: &Notification<'_>) -> Vec<Claim> {
    let mut claims = claims_of_text(notification.message.as_deref().unwrap_or_default());
    claims.push((Class::Topic, notification.topic_arn.as_deref().and_then(short_name).map(str::to_owned)));
    claims
}

/// The content of a message's text, if a service of AWS wrote it.
enum Inside<'t> {
    Notification(Notification<'t>),
    Objects(Vec<&'t RawValue>),
    S3Test,
    EventBridge(event_bridge::Event<'t>),
    Nothing,
}

fn inside(text: &[u8]) -> Inside<'_> {
    if !text.trim_ascii_start().starts_with(b"{") {
        return Inside::Nothing;
    }
    let Ok(probe) = serde_json::from_slice::<Probe<'_>>(text) else { return Inside::Nothing };
    if probe.is_notification()
        && let Ok(notification) = serde_json::from_slice(text)
    {
        return Inside::Notification(notification);
    }
    if probe.is_s3_test() {
        return Inside::S3Test;
    }
    if probe.is_event_bridge()
        && let Ok(event) = serde_json::from_slice(text)
    {
        return Inside::EventBridge(event);
    }
    match probe.records {
        Some(list) if list.first().and_then(|record| source(record)).as_deref() == Some("aws:s3") => {
            Inside::Objects(list)
        }
        _ => Inside::Nothing,
    }
}

/// Returns the classes that the text of a message could be read as.
pub(super) fn claims_of_text(text: &str) -> Vec<Claim> {
    match inside(text.as_bytes()) {
        Inside::Notification(notification) => claims(&notification),
        Inside::Objects(list) => vec![(Class::Storage, list.first().and_then(|record| s3::bucket(record)))],
        Inside::S3Test => vec![(Class::Storage, None)],
        Inside::EventBridge(event) => event.claims(),
        Inside::Nothing => Vec::new(),
    }
}

fn notified(notification: Notification<'_>, document: &Bytes, function: &Spec) -> Vec<Result<Event, Error>> {
    match function.class() {
        Class::Topic => vec![published(notification, document).map(Event::from)],
        _ => opened(&notification.message.unwrap_or_default().into_bytes(document), function),
    }
}

/// Decodes the content of a text as the function declares it.
pub(super) fn opened(text: &Bytes, function: &Spec) -> Vec<Result<Event, Error>> {
    match inside(text) {
        Inside::Notification(notification) => notified(notification, text, function),
        Inside::Objects(list) if function.class() == Class::Storage => list.into_iter().map(s3::read).collect(),
        Inside::S3Test if function.class() == Class::Storage => Vec::new(),
        Inside::EventBridge(event) => vec![event.read(text, function)],
        _ => vec![Err(other_than(function))],
    }
}

fn published(notification: Notification<'_>, document: &Bytes) -> Result<Message, Error> {
    let content = notification.message.ok_or_else(|| missing("`Message` of this notification of SNS"))?;
    let mut message = Message::new(content.into_bytes(document));
    message.id = notification.message_id.map(Str::into_string);
    message.source = notification.topic_arn.map(Str::into_string);
    message.subject = notification.subject.map(Str::into_string);
    message.time = notification.timestamp.as_deref().and_then(time::parse);
    let attributes = notification.message_attributes.unwrap_or_default().into_iter();
    message.attributes =
        attributes.filter_map(|(name, json::Object(attribute))| Some((name, attribute.value?))).collect();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(message)
}
