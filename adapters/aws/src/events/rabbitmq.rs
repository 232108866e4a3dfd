//! Messages of RabbitMQ, from a broker of Amazon MQ.

use std::collections::BTreeMap;

use bytes::Bytes;
use omnifn_core::{
    Error, Event,
    event::{self, Class},
    json::{self, Object, Str},
};
use serde::Deserialize;
use serde_json::{Value, value::RawValue};

use super::{Batch, Read, broken, choose, missing, text_of, unbase64};
use crate::Aws;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow)]
    basic_properties: Option<Object<Properties<'a>>>,
    redelivered: Option<bool>,
    #[serde(borrow)]
    data: Option<Str<'a>>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Properties<'a> {
    #[serde(borrow)]
    content_type: Option<Str<'a>>,
    headers: Option<BTreeMap<String, Value>>,
    #[serde(borrow)]
    message_id: Option<Str<'a>>,
}

/// Reads a batch: lists of messages by their queues, each written as `queue::virtual-host`. The reply cannot name a message of it.
pub(super) fn read(aws: &Aws, event: &Bytes, queues: Option<&RawValue>) -> Result<Read, Error> {
    let queues = queues.map_or("null", RawValue::get);
    let lists: BTreeMap<String, Vec<&RawValue>> =
        json::from_slice(queues.as_bytes(), "`rmqMessagesByQueue` of the event")?;
    // The service always names the queue.
    let first = lists.keys().next().ok_or_else(|| missing("queue in `rmqMessagesByQueue` of the event"))?;
    let function = choose(aws, &[(Class::Queue, Some(name(first).to_owned()))], || {
        format!("an event of RabbitMQ (from {first})")
    })?;
    let records = lists.iter().flat_map(|(queue, list)| {
        list.iter().map(move |message| record(name(queue), message, json::slice(event, message.get().as_bytes())))
    });
    Ok(Read { function, batch: Batch::Whole, records: records.collect(), system: Some("rabbitmq") })
}

fn name(queue: &str) -> &str {
    queue.split_once("::").map_or(queue, |(name, _)| name)
}

fn record(queue: &str, message: &RawValue, raw: Bytes) -> omnifn_core::Record {
    match json::object::<Message<'_>>(message.get().as_bytes(), "this message of RabbitMQ") {
        Ok(wire) => {
            let mut record = omnifn_core::Record::new(self::message(queue, wire).map(Event::from));
            record.raw = Some(raw);
            record
        }
        Err(error) => broken(None, error, raw),
    }
}

fn message(queue: &str, wire: Message<'_>) -> Result<event::Message, Error> {
    let data = wire.data.as_deref().ok_or_else(|| missing("`data` of this message of RabbitMQ"))?;
    let mut message = event::Message::new(unbase64(data, "`data`")?);
    let Object(properties) = wire.basic_properties.unwrap_or_default();
    message.source = Some(queue.to_owned());
    message.id = properties.message_id.map(Str::into_string);
    // The broker reports only whether it is the first attempt.
    message.attempt = (wire.redelivered == Some(false)).then_some(1);
    message.content_type = properties.content_type.map(Str::into_string);
    let headers = properties.headers.unwrap_or_default().into_iter();
    message.attributes = headers.filter_map(|(name, value)| Some((name, header(value)?))).collect();
    Ok(message)
}

/// Returns a header as text. Text is an object with a list of its bytes, which are Java's, and so may be signed.
fn header(value: Value) -> Option<String> {
    let Some(bytes) = value.get("bytes").and_then(Value::as_array) else { return text_of(value) };
    let bytes: Option<Vec<u8>> = bytes.iter().map(|byte| Some(byte.as_i64()?.rem_euclid(256) as u8)).collect();
    Some(String::from_utf8_lossy(&bytes?).into_owned())
}
