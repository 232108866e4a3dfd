//! Messages of RabbitMQ, from a broker of Amazon MQ.

use bytes::Bytes;
use omnifn_core::{
    Delivery, Error, Event,
    event::{self, Class},
    json::{self, Elements, Entries, Object, Str},
    log::cut,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Batch, Read, broken, choose, kafka::JavaBytes, missing, source_of, text_of, unbase64};
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
    #[serde(borrow)]
    headers: Option<Entries<&'a RawValue>>,
    #[serde(borrow)]
    message_id: Option<Str<'a>>,
}

/// Reads a batch: lists of messages by their queues, each written as `queue::virtual-host`. The reply cannot name a message of it.
pub(super) fn read(aws: &Aws, event: &Bytes, queues: Option<&RawValue>, broker: Option<String>) -> Result<Read, Error> {
    const WHAT: &str = "`rmqMessagesByQueue` of the event";
    let queues = queues.map_or("null", RawValue::get);
    let Entries(queues) = json::from_slice::<Entries<&RawValue>>(queues.as_bytes(), WHAT)?;
    // The service always names the queue.
    let first = queues.keys().next().ok_or_else(|| missing("queue in `rmqMessagesByQueue` of the event"))?;
    let function = choose(aws, &[(Class::Queue, Some(name(first).to_owned()))], || {
        format!("an event of RabbitMQ (from {})", cut(first))
    })?;
    let (mut lists, mut left) = (Vec::with_capacity(queues.len()), Delivery::RECORDS);
    for (queue, list) in queues {
        let list = Elements::within(event, list, left, WHAT)?;
        left = left.saturating_sub(list.len());
        lists.push((queue, list));
    }
    // The virtual host is part of the source: each has queues of its own.
    let records = lists.into_iter().flat_map(move |(queue, list)| {
        let source = source_of(broker.as_deref(), &queue);
        list.map(move |raw| record(&source, raw))
    });
    Ok(Read { function, batch: Batch::Whole, records: Box::new(records), system: Some("rabbitmq") })
}

fn name(queue: &str) -> &str {
    queue.split_once("::").map_or(queue, |(name, _)| name)
}

fn record(source: &str, raw: Bytes) -> omnifn_core::Record {
    match json::object::<Message<'_>>(&raw, "this message of RabbitMQ") {
        Ok(wire) => {
            let mut record = omnifn_core::Record::new(self::message(source, wire).map(Event::from));
            record.raw = Some(raw.clone());
            record
        }
        Err(error) => broken(None, error, raw),
    }
}

fn message(source: &str, wire: Message<'_>) -> Result<event::Message, Error> {
    let data = wire.data.as_deref().ok_or_else(|| missing("`data` of this message of RabbitMQ"))?;
    let mut message = event::Message::new(unbase64(data, "`data`")?);
    let Object(properties) = wire.basic_properties.unwrap_or_default();
    message.source = Some(source.to_owned());
    message.id = properties.message_id.map(Str::into_string);
    // The broker reports only whether it is the first attempt.
    message.attempt = (wire.redelivered == Some(false)).then_some(1);
    message.content_type = properties.content_type.map(Str::into_string);
    let headers = properties.headers.unwrap_or_default().0.into_iter();
    message.attributes = headers.filter_map(|(name, value)| Some((name, header(value)?))).collect();
    Ok(message)
}

/// Returns a header as text. Text is an object with a list of its bytes, which are Java's, and so may be signed.
fn header(value: &RawValue) -> Option<String> {
    #[derive(Deserialize)]
    struct Text {
        bytes: JavaBytes,
    }
    match json::parse_str::<Object<Text>>(value.get()) {
        Ok(Object(text)) => Some(String::from_utf8_lossy(&text.bytes.0).into_owned()),
        Err(_) => text_of(value),
    }
}
