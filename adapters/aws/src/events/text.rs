//! Messages of SQS and SNS, and what other services put inside them.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use omnifn_core::{
    Error, Event, Record, Spec, TraceContext,
    event::{Class, Message, time},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Claim, bridge, bucket, log,
    probe::{Probe, Records, short_name},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Sqs<'a> {
    message_id: Option<String>,
    body: Option<String>,
    #[serde(borrow)]
    attributes: Option<Attributes<'a>>,
    message_attributes: Option<BTreeMap<String, SqsAttribute>>,
    #[serde(rename = "eventSourceARN")]
    arn: Option<String>,
}

/// What SQS itself says of a message, as far as it is read.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Attributes<'a> {
    #[serde(borrow)]
    sent_timestamp: Option<Word<'a>>,
    #[serde(borrow)]
    approximate_receive_count: Option<Word<'a>>,
    #[serde(borrow)]
    message_group_id: Option<Word<'a>>,
    #[serde(borrow)]
    sequence_number: Option<Word<'a>>,
    #[serde(borrow, rename = "AWSTraceHeader")]
    trace: Option<Word<'a>>,
}

/// A text that stands in the event itself, unless an escape is in the way.
#[derive(Deserialize)]
#[serde(transparent)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SqsAttribute {
    string_value: Option<String>,
    binary_value: Option<String>,
}

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

fn claims_of_text(text: &str) -> Vec<Claim> {
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

pub(super) fn claims_of_sqs(record: &RawValue) -> Vec<Claim> {
    let Ok(sqs) = serde_json::from_str::<Sqs<'_>>(record.get()) else { return vec![(Class::Queue, None)] };
    let mut claims = claims_of_text(sqs.body.as_deref().unwrap_or_default());
    claims.push((Class::Queue, sqs.arn.as_deref().and_then(short_name).map(str::to_owned)));
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

/// The records in a message of SQS: one, but for what S3 puts into one message. All have the message's id, for it alone can be
/// named in a reply.
pub(super) fn sqs(record: &RawValue, raw: Bytes, function: &Spec) -> Vec<(Option<String>, Record)> {
    let sqs: Sqs<'_> = match serde_json::from_str(record.get()) {
        Ok(sqs) => sqs,
        Err(error) => {
            let id = log::text_at(record, "messageId");
            return vec![(id.clone(), log::failed("message of SQS", id, error, raw))];
        }
    };
    let id = sqs.message_id.clone();
    let said = sqs.attributes.as_ref();
    let is_fifo = sqs.arn.as_deref().is_some_and(|arn| arn.ends_with(".fifo"));
    let group =
        said.and_then(|said| said.message_group_id.as_ref()).filter(|_| is_fifo).map(|group| group.0.to_string());
    let trace = said.and_then(|said| said.trace.as_ref()).and_then(|trace| TraceContext::from_xray(&trace.0));
    if function.class() == Class::Queue {
        let mut record = Record::new(message(sqs).map(Event::Message));
        record.id.clone_from(&id);
        (record.group, record.trace, record.raw) = (group, trace, Some(raw));
        return vec![(id, record)];
    }
    let events = opened(sqs.body.as_deref().unwrap_or_default(), function);
    let records = events.into_iter().map(|event| {
        let mut record = Record::new(event);
        record.id.clone_from(&id);
        record.group.clone_from(&group);
        record.trace.clone_from(&trace);
        record.raw = Some(raw.clone());
        (id.clone(), record)
    });
    records.collect()
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
        Class::Topic => vec![published(notification).map(Event::Message)],
        _ => opened(notification.message.as_deref().unwrap_or_default(), function),
    }
}

/// What is inside a text, as the function declares it.
fn opened(text: &str, function: &Spec) -> Vec<Result<Event, Error>> {
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

fn message(sqs: Sqs<'_>) -> Result<Message, Error> {
    let mut message = Message::new(Bytes::from(sqs.body.ok_or_else(|| log::missing("`body` of this message of SQS"))?));
    let said = sqs.attributes.unwrap_or_default();
    message.id = sqs.message_id;
    message.source = sqs.arn;
    message.time = said.sent_timestamp.and_then(|millis| time::from_millis(millis.0.parse().ok()?));
    message.attempt = said.approximate_receive_count.and_then(|count| count.0.parse().ok());
    message.key = said.message_group_id.map(|group| group.0.into_owned());
    message.sequence = said.sequence_number.map(|number| number.0.into_owned());
    let attributes = sqs.message_attributes.unwrap_or_default().into_iter();
    message.attributes = attributes
        .filter_map(|(name, attribute)| Some((name, attribute.string_value.or(attribute.binary_value)?)))
        .collect();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(message)
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
