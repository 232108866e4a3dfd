//! Messages of Storage Queues, Service Bus and Event Hubs: one, or many at once.

use std::collections::BTreeMap;

use bytes::Bytes;
use omnifn_core::{
    Error, Event, Record, Spec, TraceContext,
    event::{Class, Message, time},
};
use serde_json::{Map, Value};

use super::{
    grid,
    values::{self, Values},
};

pub(super) fn records(values: &Values<'_>, function: &Spec) -> Result<Vec<Record>, Error> {
    let Some(trigger) = values.trigger() else { return Err(values.unfit("a message")) };
    if function.class() == Class::Topic
        && let Some(record) = grid::published(trigger, function)
    {
        return Ok(vec![record]);
    }
    let bodies = is_many(values).then(|| values::contents(trigger.get())).flatten();
    let messages = match bodies {
        Some(bodies) => bodies.into_iter().enumerate().map(|(i, body)| many(values, i, body)).collect(),
        None => vec![one(values, values::content(trigger.get()))],
    };
    Ok(messages.into_iter().map(|message| record(message, function)).collect())
}

/// A batch has its metadata as lists.
fn is_many(values: &Values<'_>) -> bool {
    ["MessageIdArray", "SequenceNumberArray", "SystemPropertiesArray", "PropertiesArray", "EnqueuedTimeUtcArray"]
        .iter()
        .any(|name| values.get::<Vec<Value>>(name).is_some())
}

fn record(message: Message, function: &Spec) -> Record {
    let trace = message.attributes.get("traceparent").or_else(|| message.attributes.get("Diagnostic-Id"));
    let trace = trace.and_then(|text| TraceContext::from_traceparent(text));
    let (id, partition) = (message.id.clone(), message.partition.clone());
    let session = message.attributes.get("SessionId").or(message.key.as_ref()).cloned();
    let mut record = Record::new(Ok(Event::from(message)));
    record.id = id;
    record.trace = trace;
    // A stream's partition, and a queue's session, are in order.
    record.group = if function.class() == Class::Stream { Some(partition.unwrap_or_default()) } else { session };
    record
}

fn one(values: &Values<'_>, body: String) -> Message {
    let mut message = Message::new(Bytes::from(body));
    message.id = values.text("MessageId").or_else(|| values.text("Id"));
    message.sequence = values.text("SequenceNumber");
    message.attempt = values.get("DeliveryCount").or_else(|| values.get("DequeueCount"));
    let at = values.text("EnqueuedTimeUtc").or_else(|| values.text("InsertionTime"));
    message.time = at.as_deref().and_then(instant);
    message.key = values.text("SessionId").or_else(|| values.text("PartitionKey"));
    message.content_type = values.text("ContentType");
    message.subject = values.text("Subject").or_else(|| values.text("Label"));
    let properties = values.get("ApplicationProperties").or_else(|| values.get("UserProperties"));
    let properties = properties.or_else(|| values.get("Properties"));
    message.attributes = attributes(properties, values.get("SystemProperties"));
    place(&mut message, values);
    message
}

fn many(values: &Values<'_>, index: usize, body: String) -> Message {
    let at = |name: &str| values.get::<Vec<Value>>(name)?.into_iter().nth(index).filter(|value| !value.is_null());
    let text = |name: &str| at(name).map(text);
    let map = |name: &str| match at(name) {
        Some(Value::Object(map)) => Some(map),
        _ => None,
    };
    let mut message = Message::new(Bytes::from(body));
    message.id = text("MessageIdArray");
    message.sequence = text("SequenceNumberArray");
    message.attempt = at("DeliveryCountArray").and_then(|count| self::text(count).parse().ok());
    message.time = text("EnqueuedTimeUtcArray").as_deref().and_then(instant);
    message.key = text("SessionIdArray").or_else(|| text("PartitionKeyArray")).filter(|key| !key.is_empty());
    message.content_type = text("ContentTypeArray");
    message.subject = text("SubjectArray").or_else(|| text("LabelArray"));
    let properties = map("ApplicationPropertiesArray").or_else(|| map("UserPropertiesArray"));
    let properties = properties.or_else(|| map("PropertiesArray"));
    message.attributes = attributes(properties, map("SystemPropertiesArray"));
    place(&mut message, values);
    message
}

/// What an Event Hub says of the partition.
fn place(message: &mut Message, values: &Values<'_>) {
    let context: Option<Map<String, Value>> = values.get("PartitionContext");
    let part = |name: &str| context.as_ref()?.get(name).and_then(Value::as_str).map(str::to_owned);
    message.partition = part("PartitionId");
    message.source = part("EventHubName").or_else(|| part("EventHubPath"));
}

fn attributes(own: Option<Map<String, Value>>, system: Option<Map<String, Value>>) -> BTreeMap<String, String> {
    let all = system.into_iter().flatten().chain(own.into_iter().flatten());
    all.filter(|(_, value)| !value.is_null()).map(|(name, value)| (name, text(value))).collect()
}

fn text(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A time that .NET wrote: RFC 3339, of which the zone may be missing.
fn instant(text: &str) -> Option<std::time::SystemTime> {
    time::parse(text).or_else(|| time::parse(&format!("{text}Z")))
}
