//! Records of Kinesis.

use bytes::Bytes;
use omnifn_core::{
    Event, Spec,
    event::{Class, Message, time},
    json::{Object, Str},
};
use serde::Deserialize;

use super::{Claim, Opened, Source, missing, short_name, unbase64};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    kinesis: Object<Data<'a>>,
    #[serde(borrow, rename = "eventID")]
    id: Option<Str<'a>>,
    #[serde(borrow, rename = "eventSourceARN")]
    arn: Option<Str<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow)]
    data: Option<Str<'a>>,
    #[serde(borrow)]
    partition_key: Option<Str<'a>>,
    #[serde(borrow)]
    sequence_number: Option<Str<'a>>,
    approximate_arrival_timestamp: Option<f64>,
}

/// Kinesis.
pub(super) struct Kinesis;

impl Source for Kinesis {
    type Record<'a> = Record<'a>;

    const SERVICE: &'static str = "Kinesis";
    const RECORD: &'static str = "record";
    const CLASS: Class = Class::Stream;
    const ID: &'static [&'static str] = &["kinesis", "sequenceNumber"];
    const REPORTS_FAILURES: bool = true;
    const IS_STREAM: bool = true;

    fn claims(record: &Record<'_>) -> Vec<Claim> {
        vec![(Class::Stream, record.arn.as_deref().and_then(short_name).map(str::to_owned))]
    }

    fn read(wire: Record<'_>, raw: &Bytes, _: &'static Spec) -> Opened {
        let Object(kinesis) = wire.kinesis;
        let (id, arn) = (wire.id.map(Str::into_string), wire.arn.map(Str::into_string));
        let sequence = kinesis.sequence_number.map(Str::into_string);
        let data = kinesis.data.as_deref().ok_or_else(|| missing("`kinesis.data` of this record"));
        let event = data.and_then(|data| unbase64(data, "`kinesis.data`")).map(|body| {
            let mut message = Message::new(body);
            // `shardId-000000000006:49590338271490256608559692538361571095921575989136588898`
            message.partition = id.as_deref().and_then(|id| id.split_once(':')).map(|(shard, _)| shard.to_owned());
            message.id.clone_from(&id);
            message.source.clone_from(&arn);
            message.time = kinesis.approximate_arrival_timestamp.and_then(time::from_seconds);
            message.key = kinesis.partition_key.map(Str::into_string);
            message.sequence = sequence;
            Event::from(message)
        });
        let mut record = omnifn_core::Record::new(event);
        record.id = id;
        record.group = Some(arn.unwrap_or_default());
        record.raw = Some(raw.clone());
        Opened::new([record].into_iter())
    }
}
