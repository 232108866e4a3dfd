//! Subscriptions of CloudWatch Logs.

use std::io::Read as _;

use bytes::Bytes;
use flate2::read::GzDecoder;
use omnifn_core::{
    Error, ErrorClass, ErrorKind, Event,
    event::{Class, Message, time},
    json::{self, Elements, Str},
    log::cut,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Batch, Read, broken, choose, nothing, unbase64};
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
    log_events: Option<&'a RawValue>,
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

/// The most log events of a batch. CloudWatch Logs accepts 10,000 at once, and counts 26 bytes for each besides its message, so that a batch
/// of 1 MiB has room for no more than this:
/// <https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html>.
const EVENTS: usize = 40_330;

/// Reads the log events, in the order of their log stream. The reply cannot name one of them.
pub(super) fn read(aws: &Aws, data: &str) -> Result<Read, Error> {
    if !aws.functions.iter().any(|function| function.class() == Class::Stream) {
        choose(aws, &[(Class::Stream, None)], || "an event of CloudWatch Logs".to_owned())?;
    }
    let document = decompress(&unbase64(data, "`awslogs.data`")?)?;
    let wire: Batched<'_> = json::object(&document, "`awslogs.data`, decompressed,")?;
    let group = wire.log_group.map(Str::into_string);
    let function = choose(aws, &[(Class::Stream, group.clone())], || {
        let from = group.as_deref().map(|group| format!(" (from {})", cut(group))).unwrap_or_default();
        format!("an event of CloudWatch Logs{from}")
    })?;
    if wire.message_type.as_deref() == Some("CONTROL_MESSAGE") {
        // CloudWatch Logs checks with it whether the function can be reached.
        return Ok(nothing(function));
    }
    let list = wire.log_events.ok_or_else(|| super::missing("`logEvents` of this event of CloudWatch Logs"))?;
    let list = Elements::within(&document, list, EVENTS, "`logEvents` of this event of CloudWatch Logs")?;
    let stream = wire.log_stream.map(Str::into_string);
    let records = list.map(move |raw| {
        let mut record = match json::object::<LogEvent<'_>>(&raw, "this log event") {
            Ok(event) => {
                let mut message = Message::new(event.message.into_bytes(&raw));
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
    Ok(Read { function, batch: Batch::Whole, records: Box::new(records), system: None })
}

fn decompress(data: &[u8]) -> Result<Bytes, Error> {
    // The length is known before memory is taken for it.
    let length = |data| std::io::copy(&mut GzDecoder::new(data).take(LIMIT + 1), &mut std::io::sink());
    let invalid = |error| Error::new(ErrorKind::Decode, "`awslogs.data` is not valid gzip").with_source(error);
    let length = length(data).map_err(invalid)?;
    if length > LIMIT {
        let text = format!("`awslogs.data` is larger than {LIMIT} bytes, decompressed, the most that are accepted");
        return Err(Error::new(ErrorKind::TooLarge, text).with_class(ErrorClass::Reject));
    }
    let mut text = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    GzDecoder::new(data).read_to_end(&mut text).map_err(invalid)?;
    Ok(text.into())
}
