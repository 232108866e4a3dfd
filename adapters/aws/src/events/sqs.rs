//! Messages of SQS.

use bytes::Bytes;
use omnifn_core::{
    Error, Event, Spec, TraceContext,
    event::{self, Class, time},
    json::{Entries, Object, Str},
};
use serde::Deserialize;

use super::{Claim, Opened, Source, missing, short_name, sns};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Message<'a> {
    #[serde(borrow)]
    message_id: Option<Str<'a>>,
    #[serde(borrow)]
    body: Option<Str<'a>>,
    #[serde(borrow)]
    attributes: Option<Object<Attributes<'a>>>,
    message_attributes: Option<Entries<Object<Attribute>>>,
    #[serde(borrow, rename = "eventSourceARN")]
    arn: Option<Str<'a>>,
}

/// The attributes of a message that SQS sets, as far as they are used.
#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase")]
struct Attributes<'a> {
    #[serde(borrow)]
    sent_timestamp: Option<Str<'a>>,
    #[serde(borrow)]
    approximate_receive_count: Option<Str<'a>>,
    #[serde(borrow)]
    message_group_id: Option<Str<'a>>,
    #[serde(borrow)]
    sequence_number: Option<Str<'a>>,
    #[serde(borrow, rename = "AWSTraceHeader")]
    trace: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    string_value: Option<String>,
    binary_value: Option<String>,
}

/// SQS.
pub(super) struct Sqs;

impl Source for Sqs {
    type Record<'a> = Message<'a>;

    const SERVICE: &'static str = "SQS";
    const RECORD: &'static str = "message";
    const SYSTEM: Option<&'static str> = Some("aws_sqs");
    const CLASS: Class = Class::Queue;
    const ID: &'static [&'static str] = &["messageId"];
    const REPORTS_FAILURES: bool = true;

    fn claims(message: &Message<'_>) -> Vec<Claim> {
        let mut claims = sns::claims_of_text(message.body.as_deref().unwrap_or_default());
        claims.push((Class::Queue, message.arn.as_deref().and_then(short_name).map(str::to_owned)));
        claims
    }

    /// Returns one record, or several if S3 put them into one message. All have the message's id, because only messages can be named in a reply.
    fn read(sqs: Message<'_>, raw: &Bytes, function: &'static Spec) -> Opened {
        let attributes = sqs.attributes.as_ref();
        let is_fifo = sqs.arn.as_ref().is_some_and(|arn| arn.ends_with(".fifo"));
        let group = attributes.and_then(|attributes| attributes.message_group_id.as_deref()).filter(|_| is_fifo);
        let group = group.map(str::to_owned);
        let trace = attributes.and_then(|attributes| TraceContext::from_xray(attributes.trace.as_deref()?));
        let id = sqs.message_id.clone().map(Str::into_string);
        let raw = raw.clone();
        let events = match function.class() {
            Class::Queue => sns::Events::One(Some(message(sqs, &raw).map(Event::from))),
            _ => sns::opened(&sqs.body.unwrap_or_default().into_bytes(&raw), function),
        };
        Opened::new(events.map(move |event| {
            // A `Message` already has the id.
            let has_id = event.is_ok() && function.class() == Class::Queue;
            let mut record = omnifn_core::Record::new(event);
            record.id = id.as_ref().filter(|_| !has_id).cloned();
            record.group.clone_from(&group);
            record.trace = trace;
            record.raw = Some(raw.clone());
            record
        }))
    }
}

fn message(sqs: Message<'_>, raw: &Bytes) -> Result<event::Message, Error> {
    let body = sqs.body.ok_or_else(|| missing("`body` of this message of SQS"))?;
    let mut message = event::Message::new(body.into_bytes(raw));
    let Object(attributes) = sqs.attributes.unwrap_or_default();
    message.id = sqs.message_id.map(Str::into_string);
    message.source = sqs.arn.map(Str::into_string);
    message.time = attributes.sent_timestamp.and_then(|millis| time::from_millis(millis.parse().ok()?));
    message.attempt = attributes.approximate_receive_count.and_then(|count| count.parse().ok());
    message.key = attributes.message_group_id.map(Str::into_string);
    message.sequence = attributes.sequence_number.map(Str::into_string);
    let own = sqs.message_attributes.unwrap_or_default().0.into_iter();
    let own = own.filter_map(|(name, Object(value))| Some((name, value.string_value.or(value.binary_value)?)));
    message.attributes = own.collect();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(message)
}
