//! Messages of SQS.

mod quick;

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use omnifn_core::{
    Error, Event, Record, Spec, TraceContext,
    event::{Class, Message, time},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{
    Claim, log,
    probe::short_name,
    text::{claims_of_text, opened},
};

pub(super) use quick::read as quick;

/// A message.
#[derive(Debug, Deserialize, Default)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sqs<'a> {
    #[serde(borrow)]
    message_id: Option<Word<'a>>,
    #[serde(borrow)]
    body: Option<Word<'a>>,
    #[serde(borrow)]
    attributes: Option<Attributes<'a>>,
    message_attributes: Option<BTreeMap<String, Attribute>>,
    #[serde(borrow, rename = "eventSourceARN")]
    arn: Option<Word<'a>>,
}

/// What SQS itself says of a message, as far as it is read.
#[derive(Debug, Deserialize, Default)]
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
#[derive(Debug, Deserialize)]
#[serde(transparent)]
struct Word<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attribute {
    string_value: Option<String>,
    binary_value: Option<String>,
}

pub(super) fn claims_of(record: &RawValue) -> Vec<Claim> {
    match serde_json::from_str::<Sqs<'_>>(record.get()) {
        Ok(sqs) => sqs.claims(true),
        Err(_) => vec![(Class::Queue, None)],
    }
}

/// The records in a message: one, but for what S3 puts into one message. All have the message's id, for it alone can be named in
/// a reply.
pub(super) fn read(record: &RawValue, raw: Bytes, function: &Spec) -> Vec<(Option<Bytes>, Record)> {
    match serde_json::from_str::<Sqs<'_>>(record.get()) {
        Ok(sqs) => {
            let mut records = Vec::with_capacity(1);
            sqs.records(raw, function, |id, record| records.push((id, record)));
            records
        }
        Err(error) => {
            let id = log::text_at(record, "messageId");
            vec![(id.clone().map(Bytes::from), log::failed("message of SQS", id, error, raw))]
        }
    }
}

impl Sqs<'_> {
    /// As what it could be taken. Where `opens` is false, nobody asks for what may be in its text.
    pub(super) fn claims(&self, opens: bool) -> Vec<Claim> {
        let text = self.body.as_ref().filter(|_| opens);
        let mut claims = claims_of_text(text.map(|text| &*text.0).unwrap_or_default());
        claims.push((Class::Queue, self.arn.as_ref().and_then(|arn| short_name(&arn.0)).map(str::to_owned)));
        claims
    }

    /// See [`read`].
    pub(super) fn records(self, raw: Bytes, function: &Spec, mut take: impl FnMut(Option<Bytes>, Record)) {
        let id = self.message_id.as_ref().map(|id| id.part_of(&raw));
        let said = self.attributes.as_ref();
        let is_fifo = self.arn.as_ref().is_some_and(|arn| arn.0.ends_with(".fifo"));
        let group =
            said.and_then(|said| said.message_group_id.as_ref()).filter(|_| is_fifo).map(|group| group.0.to_string());
        let trace = said.and_then(|said| said.trace.as_ref()).and_then(|trace| TraceContext::from_xray(&trace.0));
        if function.class() == Class::Queue {
            let event = message(self, &raw);
            // A message has its id with it.
            let name = id.as_ref().filter(|_| event.is_err());
            let name = name.map(|id| String::from_utf8_lossy(id).into_owned());
            let mut record = Record::new(event.map(Event::from));
            (record.id, record.group, record.trace, record.raw) = (name, group, trace, Some(raw));
            return take(id, record);
        }
        let name = self.message_id.as_ref().map(|id| id.0.to_string());
        for event in opened(self.body.as_ref().map(|body| &*body.0).unwrap_or_default(), function) {
            let mut record = Record::new(event);
            record.id.clone_from(&name);
            record.group.clone_from(&group);
            record.trace.clone_from(&trace);
            record.raw = Some(raw.clone());
            take(id.clone(), record);
        }
    }
}

impl Word<'_> {
    /// The text as a part of what it stands in, without a copy where that can be.
    fn into_bytes(self, raw: &Bytes) -> Bytes {
        match self.0 {
            Cow::Borrowed(part) => raw.slice_ref(part.as_bytes()),
            Cow::Owned(text) => text.into(),
        }
    }

    /// The same, where it is needed again.
    fn part_of(&self, raw: &Bytes) -> Bytes {
        match &self.0 {
            Cow::Borrowed(part) => raw.slice_ref(part.as_bytes()),
            Cow::Owned(text) => Bytes::copy_from_slice(text.as_bytes()),
        }
    }

    fn into_string(self) -> String {
        self.0.into_owned()
    }
}

fn message(sqs: Sqs<'_>, raw: &Bytes) -> Result<Message, Error> {
    let body = sqs.body.ok_or_else(|| log::missing("`body` of this message of SQS"))?;
    let mut message = Message::new(body.into_bytes(raw));
    let said = sqs.attributes.unwrap_or_default();
    message.id = sqs.message_id.map(Word::into_string);
    message.source = sqs.arn.map(Word::into_string);
    message.time = said.sent_timestamp.and_then(|millis| time::from_millis(millis.0.parse().ok()?));
    message.attempt = said.approximate_receive_count.and_then(|count| count.0.parse().ok());
    message.key = said.message_group_id.map(Word::into_string);
    message.sequence = said.sequence_number.map(Word::into_string);
    if let Some(attributes) = sqs.message_attributes {
        let values = attributes
            .into_iter()
            .filter_map(|(name, attribute)| Some((name, attribute.string_value.or(attribute.binary_value)?)));
        message.attributes = values.collect();
        message.content_type = message.attributes.get("content-type").cloned();
    }
    Ok(message)
}
