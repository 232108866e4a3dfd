//! Records of Kafka.

use std::collections::BTreeMap;

use bytes::Bytes;
use omnifn_core::{
    Error, Event,
    event::{Class, Message, time},
    json::{self, Str},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Batch, Read, broken, choose, empty, unbase64};
use crate::Aws;

#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    topic: Option<Str<'a>>,
    partition: Option<u64>,
    offset: Option<u64>,
    timestamp: Option<i64>,
    #[serde(borrow)]
    key: Option<Str<'a>>,
    #[serde(borrow)]
    value: Option<Str<'a>>,
    headers: Option<Vec<BTreeMap<String, Vec<i16>>>>,
}

/// Returns whether these are records of Kafka, with the fields that the service always writes.
pub(super) fn has_records(records: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct First<'a> {
        #[serde(borrow, rename = "topic")]
        _topic: Str<'a>,
        #[serde(rename = "partition")]
        _partition: u64,
        #[serde(rename = "offset")]
        _offset: u64,
    }
    let lists: Option<BTreeMap<String, Vec<&RawValue>>> = serde_json::from_str(records.get()).ok();
    let first = lists.as_ref().and_then(|lists| lists.values().flatten().next());
    first.is_some_and(|record| serde_json::from_str::<json::Object<First<'_>>>(record.get()).is_ok())
}

/// Reads a batch: lists of records by their topics and partitions.
pub(super) fn read(aws: &Aws, event: &Bytes, records: Option<&RawValue>) -> Result<Read, Error> {
    let records = records.map_or("null", RawValue::get);
    let lists: BTreeMap<String, Vec<&RawValue>> = json::from_slice(records.as_bytes(), "`records` of the event")?;
    let Some(first) = lists.keys().next() else { return empty(aws) };
    let topic = first.rsplit_once('-').map(|(topic, _)| topic.to_owned());
    let function = choose(aws, &[(Class::Stream, topic)], || {
        let count = lists.values().map(Vec::len).sum::<usize>();
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        format!("an event of Kafka with {records} (from {first})")
    })?;
    let records: Vec<_> = lists
        .iter()
        .flat_map(|(place, list)| {
            list.iter().map(move |record| self::record(place, record, json::slice(event, record.get().as_bytes())))
        })
        .collect();
    let batch = match aws.names_failures == Some(true) {
        true => Batch::Partitions(records.iter().map(position).collect()),
        false => Batch::Whole,
    };
    Ok(Read { function, batch, records, system: Some("kafka") })
}

/// Returns the partition and the offset of a record.
fn position(record: &omnifn_core::Record) -> Option<(String, u64)> {
    let place = record.group.clone()?;
    let offset = record.id.as_deref()?.strip_prefix(&*place)?.strip_prefix('-')?.parse().ok()?;
    Some((place, offset))
}

/// A record, in its partition's order.
fn record(place: &str, record: &RawValue, raw: Bytes) -> omnifn_core::Record {
    let mut read = match json::object::<Record<'_>>(record.get().as_bytes(), "this record of Kafka") {
        Ok(record) => {
            let id = record.offset.map(|offset| format!("{place}-{offset}"));
            let mut read = omnifn_core::Record::new(message(record, id.clone()));
            read.id = id;
            read.raw = Some(raw);
            read
        }
        Err(error) => broken(Some(place.to_owned()), error, raw),
    };
    read.group = Some(place.to_owned());
    read
}

fn message(record: Record<'_>, id: Option<String>) -> Result<Event, Error> {
    // A record without a value is a tombstone: its key names what was deleted.
    let mut message = Message::new(unbase64(record.value.as_deref().unwrap_or_default(), "`value`")?);
    let key = record.key.map(|key| unbase64(&key, "`key`")).transpose()?;
    message.key = key.map(|key| String::from_utf8_lossy(&key).into_owned());
    message.id = id;
    message.source = record.topic.map(Str::into_string);
    message.partition = record.partition.map(|partition| partition.to_string());
    message.sequence = record.offset.map(|offset| offset.to_string());
    message.time = record.timestamp.and_then(time::from_millis);
    // The bytes are Java's, which are signed.
    let text = |bytes: Vec<i16>| {
        String::from_utf8_lossy(&bytes.into_iter().map(|byte| byte as u8).collect::<Vec<_>>()).into_owned()
    };
    let headers = record.headers.unwrap_or_default().into_iter().flatten();
    message.attributes = headers.map(|(name, value)| (name, text(value))).collect();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(Event::from(message))
}
