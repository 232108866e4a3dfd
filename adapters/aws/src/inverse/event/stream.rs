//! Records of Kinesis and Kafka, and log events.

use std::io::{Read as _, Write as _};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use omnifn_core::{
    Error,
    event::{Message, time},
};
use serde_json::{Map, Value, json};

use super::ACCOUNT;

pub(super) fn kinesis(message: Message, source: &str) -> Value {
    let shard = message.partition.unwrap_or_else(|| "shardId-000000000000".to_owned());
    let sequence = message.sequence.unwrap_or_default();
    json!({
        "kinesis": {
            "kinesisSchemaVersion": "1.0",
            "partitionKey": message.key,
            "sequenceNumber": sequence,
            "data": base64_simd::STANDARD.encode_to_string(&message.body),
            "approximateArrivalTimestamp": message.time.map(seconds),
        },
        "eventSource": "aws:kinesis",
        "eventVersion": "1.0",
        "eventID": format!("{shard}:{sequence}"),
        "eventName": "aws:kinesis:record",
        "awsRegion": "us-east-1",
        "eventSourceARN": format!("arn:aws:kinesis:{ACCOUNT}:stream/{source}"),
    })
}

pub(super) fn seconds(at: std::time::SystemTime) -> f64 {
    time::to_millis(at) as f64 / 1000.0
}

pub(super) fn record_of_kafka(message: Message, source: &str) -> Value {
    let base64 = |bytes: &[u8]| base64_simd::STANDARD.encode_to_string(bytes);
    let headers = message.attributes.iter().map(|(name, value)| json!({name: value.as_bytes()}));
    json!({
        "topic": source,
        "partition": message.partition.as_deref().and_then(|partition| partition.parse::<u64>().ok()).unwrap_or_default(),
        "offset": message.sequence.as_deref().and_then(|offset| offset.parse::<u64>().ok()).unwrap_or_default(),
        "timestamp": message.time.map(time::to_millis),
        "timestampType": "CREATE_TIME",
        "key": message.key.as_deref().map(|key| base64(key.as_bytes())),
        "value": base64(&message.body),
        "headers": headers.collect::<Vec<_>>(),
    })
}

pub(super) fn kafka(records: Vec<Value>) -> Value {
    let mut map = Map::new();
    for record in records {
        let place = format!("{}-{}", record["topic"].as_str().unwrap_or_default(), record["partition"]);
        if let Value::Array(list) = map.entry(place).or_insert_with(|| json!([])) {
            list.push(record);
        }
    }
    json!({"eventSource": "aws:kafka", "eventSourceArn": format!("arn:aws:kafka:{ACCOUNT}:cluster/example/0b69"), "records": map})
}

pub(super) fn log_event(message: Message) -> Value {
    json!({
        "id": message.id,
        "timestamp": message.time.map(time::to_millis),
        "message": String::from_utf8_lossy(&message.body),
    })
}

pub(super) fn cloudwatch_logs(events: Vec<Value>, source: &str) -> Result<Value, Error> {
    let document = json!({
        "messageType": "DATA_MESSAGE",
        "owner": "123456789012",
        "logGroup": source,
        "logStream": "example",
        "subscriptionFilters": ["example"],
        "logEvents": events,
    });
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(document.to_string().as_bytes())?;
    Ok(json!({"awslogs": {"data": base64_simd::STANDARD.encode_to_string(encoder.finish()?)}}))
}

/// Returns how many log events an event of CloudWatch Logs contains.
pub(super) fn log_events(event: &Value) -> Option<usize> {
    let data = base64_simd::STANDARD.decode_to_vec(event.pointer("/awslogs/data")?.as_str()?).ok()?;
    let mut document = Vec::new();
    GzDecoder::new(&data[..]).read_to_end(&mut document).ok()?;
    let document: Value = serde_json::from_slice(&document).ok()?;
    document.get("logEvents").and_then(Value::as_array).map(Vec::len)
}
