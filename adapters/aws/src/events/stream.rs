//! Records of Kinesis and Kafka.

use std::collections::BTreeMap;

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Event, Record,
    event::{Message, time},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::log;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kinesis {
    kinesis: Data,
    #[serde(rename = "eventID")]
    id: Option<String>,
    #[serde(rename = "eventSourceARN")]
    arn: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    data: Option<String>,
    partition_key: Option<String>,
    sequence_number: Option<String>,
    approximate_arrival_timestamp: Option<f64>,
}

/// A record of Kinesis; its sequence number names it in a reply.
pub(super) fn kinesis(record: &RawValue, raw: Bytes) -> (Option<String>, Record) {
    let Kinesis { kinesis, id, arn } = match serde_json::from_str(record.get()) {
        Ok(record) => record,
        Err(error) => {
            let sequence = log::text_at(record, "kinesis/sequenceNumber");
            // It holds up those behind it, as every failure does.
            let mut broken = log::failed("record of Kinesis", sequence.clone(), error, raw);
            broken.group = Some(log::text_at(record, "eventSourceARN").unwrap_or_default());
            return (sequence, broken);
        }
    };
    let sequence = kinesis.sequence_number;
    let data = kinesis.data.as_deref().ok_or_else(|| log::missing("`kinesis.data` of this record"));
    let event = data.and_then(|data| unbase64(data, "`kinesis.data`")).map(|body| {
        let mut message = Message::new(body);
        // `shardId-000000000006:49590338271490256608559692538361571095921575989136588898`
        message.partition = id.as_deref().and_then(|id| id.split_once(':')).map(|(shard, _)| shard.to_owned());
        message.id.clone_from(&id);
        message.source.clone_from(&arn);
        message.time = kinesis.approximate_arrival_timestamp.and_then(time::from_seconds);
        message.key = kinesis.partition_key;
        message.sequence.clone_from(&sequence);
        Event::from(message)
    });
    let mut record = Record::new(event);
    record.id = id;
    record.group = Some(arn.unwrap_or_default());
    record.raw = Some(raw);
    (sequence, record)
}

#[derive(Deserialize)]
struct Kafka {
    topic: Option<String>,
    partition: Option<u64>,
    offset: Option<u64>,
    timestamp: Option<i64>,
    key: Option<String>,
    value: Option<String>,
    #[serde(default)]
    headers: Option<Vec<BTreeMap<String, Vec<i16>>>>,
}

/// A record of Kafka, in its partition's order.
pub(super) fn kafka(place: &str, record: &RawValue, raw: Bytes) -> (Option<String>, Record) {
    let mut read = match serde_json::from_str::<Kafka>(record.get()) {
        Ok(kafka) => {
            let id = kafka.offset.map(|offset| format!("{place}-{offset}"));
            let mut read = Record::new(message(kafka, id.clone()));
            read.id = id;
            read.raw = Some(raw);
            read
        }
        Err(error) => log::failed("record of Kafka", Some(place.to_owned()), error, raw),
    };
    read.group = Some(place.to_owned());
    (None, read)
}

fn message(kafka: Kafka, id: Option<String>) -> Result<Event, Error> {
    // Without a value it is a tombstone, whose key says what is gone.
    let mut message = Message::new(unbase64(kafka.value.as_deref().unwrap_or_default(), "`value`")?);
    let key = kafka.key.map(|key| unbase64(&key, "`key`")).transpose()?;
    message.key = key.map(|key| String::from_utf8_lossy(&key).into_owned());
    message.id = id;
    message.source = kafka.topic;
    message.partition = kafka.partition.map(|partition| partition.to_string());
    message.sequence = kafka.offset.map(|offset| offset.to_string());
    message.time = kafka.timestamp.and_then(time::from_millis);
    // Bytes of Java, which have a sign.
    let text = |bytes: Vec<i16>| {
        String::from_utf8_lossy(&bytes.into_iter().map(|byte| byte as u8).collect::<Vec<_>>()).into_owned()
    };
    let headers = kafka.headers.unwrap_or_default().into_iter().flatten();
    message.attributes = headers.map(|(name, value)| (name, text(value))).collect();
    message.content_type = message.attributes.get("content-type").cloned();
    Ok(Event::from(message))
}

fn unbase64(text: &str, place: &str) -> Result<Bytes, Error> {
    let decoded = base64_simd::STANDARD.decode_to_vec(text.as_bytes());
    decoded.map(Bytes::from).map_err(|_| Error::new(ErrorKind::Decode, format!("{place} of this record is no base64")))
}
