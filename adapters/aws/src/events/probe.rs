//! What an event is, by the keys that its source is known by, as little of it as tells that.

use std::{borrow::Cow, collections::BTreeMap};

use omnifn_core::{Error, ErrorKind, event::Class};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{Claim, bucket, sqs, text};

/// What OpenTelemetry calls SQS.
pub(super) const SQS: Option<&str> = Some("aws_sqs");

/// The top of an event.
#[derive(Deserialize)]
pub(super) struct Probe<'a> {
    #[serde(rename = "Records", borrow)]
    upper: Option<&'a RawValue>,
    #[serde(default, borrow)]
    records: Option<&'a RawValue>,
    #[serde(rename = "eventSource", borrow)]
    event_source: Option<Cow<'a, str>>,
    #[serde(rename = "deliveryStreamArn")]
    delivery_stream: Option<IgnoredAny>,
    #[serde(rename = "detail-type", borrow)]
    pub(super) detail_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) source: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) detail: Option<&'a RawValue>,
    #[serde(rename = "Event", borrow)]
    test: Option<Cow<'a, str>>,
    #[serde(rename = "Bucket", borrow)]
    test_bucket: Option<Cow<'a, str>>,
}

/// The top of a record.
#[derive(Deserialize)]
pub(super) struct First<'a> {
    #[serde(rename = "eventSource", borrow)]
    lower: Option<Cow<'a, str>>,
    #[serde(rename = "EventSource", borrow)]
    upper: Option<Cow<'a, str>>,
    #[serde(rename = "eventSourceARN", borrow)]
    arn: Option<Cow<'a, str>>,
}

impl First<'_> {
    pub(super) fn source(&self) -> Option<&str> {
        self.lower.as_deref().or(self.upper.as_deref())
    }
}

type List<'a> = Vec<&'a RawValue>;

/// The records of one source.
pub(super) enum Records<'a> {
    Sqs(List<'a>),
    Sns(List<'a>),
    S3(List<'a>),
    Kinesis(List<'a>),
    DynamoDb(List<'a>),
    /// Each with its topic and partition, as the map of the event has them.
    Kafka(Vec<(String, &'a RawValue)>),
    /// What S3 sends to see whether anybody is there.
    TestOfS3,
}

impl<'a> Probe<'a> {
    /// Whether there is a list of records, and nothing in it.
    pub(super) fn is_empty(&self) -> bool {
        let is_empty =
            |list: &&RawValue| matches!(list.get().split_whitespace().collect::<String>().as_str(), "[]" | "{}");
        self.upper.as_ref().is_some_and(is_empty) || (self.is_kafka() && self.records.as_ref().is_some_and(is_empty))
    }

    fn is_kafka(&self) -> bool {
        matches!(self.event_source.as_deref(), Some("aws:kafka" | "SelfManagedKafka"))
    }

    pub(super) fn is_bridge(&self) -> bool {
        self.detail_type.is_some() && self.source.is_some()
    }

    fn is_test(&self) -> bool {
        self.test.as_deref() == Some("s3:TestEvent") && self.test_bucket.is_some()
    }

    /// The records, where the event is a list of them from a source that is known.
    pub(super) fn records(&self) -> Result<Option<Records<'a>>, Error> {
        if self.is_test() {
            return Ok(Some(Records::TestOfS3));
        }
        if self.is_kafka() {
            return kafka(self.records).map(Some);
        }
        if self.delivery_stream.is_some() {
            return Ok(None);
        }
        let Some(list) = self.upper else { return Ok(None) };
        let list: List<'a> = serde_json::from_str(list.get()).map_err(|e| unreadable("Records", e))?;
        let Some(first) = list.first() else { return Ok(None) };
        let Ok(first) = serde_json::from_str::<First<'_>>(first.get()) else { return Ok(None) };
        Ok(match first.source() {
            Some("aws:sqs") => Some(Records::Sqs(list)),
            Some("aws:sns") => Some(Records::Sns(list)),
            Some("aws:s3") => Some(Records::S3(list)),
            Some("aws:kinesis") => Some(Records::Kinesis(list)),
            Some("aws:dynamodb") => Some(Records::DynamoDb(list)),
            _ => None,
        })
    }
}

fn kafka(records: Option<&RawValue>) -> Result<Records<'_>, Error> {
    let records = records.map_or("null", RawValue::get);
    let map: BTreeMap<String, List<'_>> = serde_json::from_str(records).map_err(|e| unreadable("records", e))?;
    let places = map.into_iter().flat_map(|(place, list)| list.into_iter().map(move |record| (place.clone(), record)));
    Ok(Records::Kafka(places.collect()))
}

fn unreadable(place: &str, error: serde_json::Error) -> Error {
    Error::new(ErrorKind::Decode, format!("`{place}` of the event cannot be read")).with_json_source(&error)
}

impl Records<'_> {
    /// What came, as an error says it.
    pub(super) fn came(&self) -> String {
        let (what, count) = match self {
            Records::Sqs(list) => ("SQS", list.len()),
            Records::Sns(list) => ("SNS", list.len()),
            Records::S3(list) => ("S3", list.len()),
            Records::Kinesis(list) => ("Kinesis", list.len()),
            Records::DynamoDb(list) => ("DynamoDB Streams", list.len()),
            Records::Kafka(list) => ("Kafka", list.len()),
            Records::TestOfS3 => return "a test event of S3".to_owned(),
        };
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        match self.source() {
            Some(source) => format!("an event of {what} with {records} (from {source})"),
            None => format!("an event of {what} with {records}"),
        }
    }

    /// What OpenTelemetry calls the messaging system, where it has a name for it.
    pub(super) fn system(&self) -> Option<&'static str> {
        match self {
            Records::Sqs(_) => SQS,
            Records::Sns(_) => Some("aws.sns"),
            Records::Kafka(_) => Some("kafka"),
            Records::S3(_) | Records::Kinesis(_) | Records::DynamoDb(_) | Records::TestOfS3 => None,
        }
    }

    /// As what it could be taken, and whose it is: what is innermost first.
    pub(super) fn claims(&self) -> Vec<Claim> {
        match self {
            Records::Sqs(list) => list.first().map(|record| sqs::claims_of(record)).unwrap_or_default(),
            Records::Sns(list) => list.first().map(|record| text::claims_of_sns(record)).unwrap_or_default(),
            Records::S3(list) => vec![(Class::Storage, list.first().and_then(|record| bucket::name(record)))],
            Records::Kinesis(_) => vec![(Class::Stream, self.source())],
            Records::DynamoDb(_) => vec![(Class::Changes, self.source())],
            Records::Kafka(list) => {
                let topic =
                    list.first().and_then(|(place, _)| place.rsplit_once('-')).map(|(topic, _)| topic.to_owned());
                vec![(Class::Stream, topic)]
            }
            Records::TestOfS3 => vec![(Class::Storage, None)],
        }
    }

    /// The short name of where it comes from.
    fn source(&self) -> Option<String> {
        let first = match self {
            Records::Sqs(list) | Records::Kinesis(list) | Records::DynamoDb(list) => list.first()?,
            Records::Sns(list) => return list.first().and_then(|record| text::topic(record)),
            Records::S3(list) => return list.first().and_then(|record| bucket::name(record)),
            Records::Kafka(list) => return list.first().map(|(place, _)| place.clone()),
            Records::TestOfS3 => return None,
        };
        let first: First<'_> = serde_json::from_str(first.get()).ok()?;
        first.arn.as_deref().and_then(short_name).map(str::to_owned)
    }
}

/// The name in an ARN: the last part, or of a table's stream the table.
pub(super) fn short_name(arn: &str) -> Option<&str> {
    let resource = arn.splitn(6, ':').nth(5)?;
    let mut parts = resource.split('/');
    let first = parts.next()?;
    let name = match first {
        "table" | "stream" | "rule" | "cluster" => parts.next()?,
        _ => first.rsplit(':').next()?,
    };
    (!name.is_empty()).then_some(name)
}
