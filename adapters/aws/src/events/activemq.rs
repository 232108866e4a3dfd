//! Messages of ActiveMQ, from a broker of Amazon MQ.

use bytes::Bytes;
use omnifn_core::{
    Delivery, Error, Event,
    event::{self, Class, time},
    json::{self, Elements, Entries, Object, Str},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Batch, Read, broken, choose, empty, missing, source_of, text_of, unbase64};
use crate::Aws;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow, rename = "messageID")]
    id: Option<Str<'a>>,
    #[serde(borrow)]
    destination: Option<Object<Destination<'a>>>,
    timestamp: Option<i64>,
    redelivered: Option<bool>,
    #[serde(borrow)]
    data: Option<Str<'a>>,
    #[serde(borrow)]
    properties: Option<Entries<&'a RawValue>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Destination<'a> {
    #[serde(borrow)]
    physical_name: Option<Str<'a>>,
}

impl Message<'_> {
    fn queue(&self) -> Option<&str> {
        self.destination.as_ref()?.physical_name.as_deref()
    }
}

/// Reads a batch, all from one queue. The reply cannot name a message of it.
pub(super) fn read(
    aws: &Aws,
    event: &Bytes,
    messages: Option<&RawValue>,
    broker: Option<String>,
) -> Result<Read, Error> {
    let messages = messages.ok_or_else(|| missing("list `messages` of the event"))?;
    let list = Elements::within(event, messages, Delivery::RECORDS, "`messages` of the event")?;
    let Some(first) = list.clone().next() else { return empty(aws) };
    let queue = wire(&first).ok().and_then(|message| message.queue().map(str::to_owned));
    let function = choose(aws, &[(Class::Queue, queue)], || "an event of ActiveMQ".to_owned())?;
    let records = list.map(move |raw| record(broker.as_deref(), raw));
    Ok(Read { function, batch: Batch::Whole, records: Box::new(records), system: Some("activemq") })
}

fn wire(message: &[u8]) -> Result<Message<'_>, Error> {
    json::object(message, "this message of ActiveMQ")
}

fn record(broker: Option<&str>, raw: Bytes) -> omnifn_core::Record {
    match wire(&raw) {
        Ok(message) => {
            let id = message.id.clone().map(Str::into_string);
            let mut record = omnifn_core::Record::new(self::message(broker, message).map(Event::from));
            (record.id, record.raw) = (id, Some(raw));
            record
        }
        Err(error) => broken(None, error, raw),
    }
}

fn message(broker: Option<&str>, wire: Message<'_>) -> Result<event::Message, Error> {
    let data = wire.data.as_deref().ok_or_else(|| missing("`data` of this message of ActiveMQ"))?;
    let mut message = event::Message::new(unbase64(data, "`data`")?);
    message.source = wire.queue().map(|queue| source_of(broker, queue));
    message.id = wire.id.map(Str::into_string);
    message.time = wire.timestamp.and_then(time::from_millis);
    // The broker reports only whether it is the first attempt.
    message.attempt = (wire.redelivered == Some(false)).then_some(1);
    let properties = wire.properties.unwrap_or_default().0.into_iter();
    message.attributes = properties.filter_map(|(name, value)| Some((name, text_of(value)?))).collect();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(message)
}
