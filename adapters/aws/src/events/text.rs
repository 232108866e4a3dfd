//! Notifications of SNS, and what other services put inside the text of a message.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use omnifn_core::{
    Error, Event, Record, Spec,
    event::{Class, Message, time},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Claim, bridge, bucket, log,
    probe::{Probe, Records, short_name},
};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sns {
    sns: Notification,
}

/// What SNS says, in a record of its own and, with `Type`, as the text of a message in SQS.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Notification {
    message_id: Option<String>,
    topic_arn: Option<String>,
    subject: Option<String>,
    message: Option<String>,
    timestamp: Option<String>,
    #[serde(default)]
    message_attributes: Option<BTreeMap<String, SnsAttribute>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct SnsAttribute {
    value: Option<String>,
}

/// What a message's text holds, where it is what a service of AWS puts there.
enum Inside<'t> {
    Notification(Box<Notification>),
    Objects(Vec<&'t RawValue>),
    Test,
    Bridge(Box<Probe<'t>>),
    Nothing,
}

fn inside(text: &str) -> Inside<'_> {
    #[derive(Deserialize)]
    struct Type<'t> {
        #[serde(rename = "Type", borrow)]
        name: Option<Cow<'t, str>>,
        #[serde(rename = "TopicArn", borrow)]
        topic: Option<Cow<'t, str>>,
    }
    if !text.trim_start().starts_with('{') {
        return Inside::Nothing;
    }
    if let Ok(Type { name: Some(name), topic: Some(_) }) = serde_json::from_str(text)
        && name == "Notification"
        && let Ok(notification) = serde_json::from_str(text)
    {
        return Inside::Notification(Box::new(notification));
    }
    let Ok(probe) = serde_json::from_str::<Probe<'_>>(text) else { return Inside::Nothing };
    match probe.records() {
        Ok(Some(Records::S3(list))) => Inside::Objects(list),
        Ok(Some(Records::TestOfS3)) => Inside::Test,
        _ if probe.is_bridge() => Inside::Bridge(Box::new(probe)),
        _ => Inside::Nothing,
    }
}

pub(super) fn claims_of_text(text: &str) -> Vec<Claim> {
    match inside(text) {
        Inside::Notification(notification) => claims_of_notification(&notification),
        Inside::Objects(list) => vec![(Class::Storage, list.first().and_then(|record| bucket::name(record)))],
        Inside::Test => vec![(Class::Storage, None)],
        Inside::Bridge(probe) => bridge::claims(&probe),
        Inside::Nothing => Vec::new(),
    }
}

fn claims_of_notification(notification: &Notification) -> Vec<Claim> {
    let mut claims = claims_of_text(notification.message.as_deref().unwrap_or_default());
    claims.push((Class::Topic, notification.topic_arn.as_deref().and_then(short_name).map(str::to_owned)));
    claims
}

pub(super) fn claims_of_sns(record: &RawValue) -> Vec<Claim> {
    match serde_json::from_str::<Sns>(record.get()) {
        Ok(record) => claims_of_notification(&record.sns),
        Err(_) => vec![(Class::Topic, None)],
    }
}

pub(super) fn topic(record: &RawValue) -> Option<String> {
    let record: Sns = serde_json::from_str(record.get()).ok()?;
    record.sns.topic_arn.as_deref().and_then(short_name).map(str::to_owned)
}

/// The records in a notification of SNS.
pub(super) fn sns(record: &RawValue, raw: Bytes, function: &Spec) -> Vec<(Option<String>, Record)> {
    let notification = match serde_json::from_str::<Sns>(record.get()) {
        Ok(record) => record.sns,
        Err(error) => return vec![(None, log::failed("notification of SNS", None, error, raw))],
    };
    let id = notification.message_id.clone();
    let records = notified(notification, function).into_iter().map(|event| {
        let mut record = Record::new(event);
        record.id.clone_from(&id);
        record.raw = Some(raw.clone());
        (id.clone(), record)
    });
    records.collect()
}

fn notified(notification: Notification, function: &Spec) -> Vec<Result<Event, Error>> {
    match function.class() {
        Class::Topic => vec![published(notification).map(Event::from)],
        _ => opened(notification.message.as_deref().unwrap_or_default(), function),
    }
}

/// What is inside a text, as the function declares it.
pub(super) fn opened(text: &str, function: &Spec) -> Vec<Result<Event, Error>> {
    match inside(text) {
        Inside::Notification(notification) => notified(*notification, function),
        Inside::Objects(list) if function.class() == Class::Storage => {
            list.iter().map(|record| bucket::read(record)).collect()
        }
        Inside::Test if function.class() == Class::Storage => Vec::new(),
        Inside::Bridge(probe) => {
            let whole = Bytes::copy_from_slice(text.as_bytes());
            let again = serde_json::from_slice::<Probe<'_>>(&whole);
            vec![again.map_or_else(
                |_| bridge::read(&probe, &whole, function),
                |again| bridge::read(&again, &whole, function),
            )]
        }
        _ => vec![Err(log::other_than(function))],
    }
}

fn published(notification: Notification) -> Result<Message, Error> {
    let content = notification.message.ok_or_else(|| log::missing("`Message` of this notification of SNS"))?;
    let mut message = Message::new(Bytes::from(content));
    message.id = notification.message_id;
    message.source = notification.topic_arn;
    message.subject = notification.subject;
    message.time = notification.timestamp.as_deref().and_then(time::parse);
    let attributes = notification.message_attributes.unwrap_or_default().into_iter();
    message.attributes = attributes.filter_map(|(name, attribute)| Some((name, attribute.value?))).collect();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(message)
}
