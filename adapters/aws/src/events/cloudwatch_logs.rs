//! Subscriptions of CloudWatch Logs.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use omnifn_core::{
    Error, ErrorKind, Event,
    event::{Class, Message, time},
    json::{self, Str},
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Batch, Read, broken, choose, unbase64};
use crate::Aws;

/// The only content of the event: JSON, compressed by gzip, as base64.
#[derive(Debug, Deserialize)]
pub(crate) struct Data<'a> {
    #[serde(borrow)]
    pub(super) data: Str<'a>,
}

impl Data<'_> {
    /// Returns whether the data begins like base64 of gzip.
    pub(super) fn is_gzip(&self) -> bool {
        self.data.starts_with("H4sI")
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Batched<'a> {
    #[serde(borrow)]
    message_type: Option<Str<'a>>,
    #[serde(borrow)]
    log_group: Option<Str<'a>>,
    #[serde(borrow)]
    log_stream: Option<Str<'a>>,
    #[serde(borrow)]
    log_events: Option<Vec<&'a RawValue>>,
}

#[derive(Deserialize)]
struct LogEvent<'a> {
    #[serde(borrow)]
    id: Option<Str<'a>>,
    timestamp: Option<i64>,
    #[serde(borrow)]
    message: Str<'a>,
}

/// The largest batch of log events, decompressed. CloudWatch Logs itself limits a batch to 1 MiB.
const LIMIT: u64 = 8 * 1024 * 1024;

/// Reads the log events, in the order of their log stream. The reply cannot name one of them.
pub(super) fn read(aws: &Aws, data: &str) -> Result<Read, Error> {
    if !aws.functions.iter().any(|function| function.class() == Class::Stream) {
        choose(aws, &[(Class::Stream, None)], || "an event of CloudWatch Logs".to_owned())?;
    }
    let document = decompress(&unbase64(data, "`awslogs.data`")?)?;
    let wire: Batched<'_> = json::object(&document, "`awslogs.data`, decompressed,")?;
    let group = wire.log_group.map(Str::into_string);
    let function = choose(aws, &[(Class::Stream, group.clone())], || {
        let from = group.as_deref().map(|group| format!(" (from {group})")).unwrap_or_default();
        format!("an event of CloudWatch Logs{from}")
    })?;
    let mut read = Read { function, batch: Batch::Whole, records: Vec::new(), system: None };
    if wire.message_type.as_deref() == Some("CONTROL_MESSAGE") {
        // CloudWatch Logs checks with it whether the function can be reached.
        return Ok(read);
    }
    let list = wire.log_events.ok_or_else(|| super::missing("`logEvents` of this event of CloudWatch Logs"))?;
    let stream = wire.log_stream.map(Str::into_string);
    let records = list.iter().map(|event| {
        let raw = json::slice(&document, event.get().as_bytes());
        let mut record = match json::object::<LogEvent<'_>>(event.get().as_bytes(), "this log event") {
            Ok(event) => {
                let mut message = Message::new(event.message.into_bytes(&document));
                message.id = event.id.map(Str::into_string);
                message.time = event.timestamp.and_then(time::from_millis);
                message.source.clone_from(&group);
                message.partition.clone_from(&stream);
                omnifn_core::Record::new(Ok(Event::from(message)))
            }
            Err(error) => broken(None, error, Bytes::new()),
        };
        record.raw = Some(raw);
        record.group = Some(stream.clone().unwrap_or_default());
        record
    });
    read.records = records.collect();
    Ok(read)
}

fn decompress(data: &[u8]) -> Result<Bytes, Error> {
    let mut text = Vec::new();
    let read = GzDecoder::new(data).take(LIMIT + 1).read_to_end(&mut text);
    read.map_err(|error| Error::new(ErrorKind::Decode, "`awslogs.data` is not valid gzip").with_source(error))?;
    if text.len() as u64 > LIMIT {
        return Err(Error::new(
            ErrorKind::Decode,
            format!("`awslogs.data` is larger than {LIMIT} bytes, decompressed"),
        ));
    }
    Ok(text.into())
}
