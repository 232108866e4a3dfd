//! Payloads that belong to the user: that of a direct invocation, the input of a schedule, and the message of an IoT rule can be any
//! JSON, so nothing in them is interpreted as a field of the platform.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Functions, Record, Spec,
    event::{Class, Message},
    json::{Object, Str, first},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{Batch, Read, batch, cloudwatch_logs, kafka, kinesis, records_of, schedule, unsupported, warn_of_window};
use crate::{Aws, detect::is_kafka};

/// Returns whether any JSON may be an event of this function.
pub(crate) fn belongs_to_user(function: &Spec) -> bool {
    match function.class() {
        Class::Schedule | Class::Invoke => true,
        Class::Stream => !matches!(function.options.service, Some("kinesis" | "kafka" | "cloudwatch-logs")),
        _ => false,
    }
}

/// Checks that a function whose payload belongs to the user is the only one, because nothing in an event says which function it is for.
pub(crate) fn check(functions: &Functions) -> Result<(), Error> {
    let Some(function) = functions.iter().find(|function| belongs_to_user(function)) else { return Ok(()) };
    if functions.single().is_some() {
        return Ok(());
    }
    let (why, or) = match function.class() {
        Class::Stream => (
            "the message of an IoT rule",
            ", or declare what delivers the stream (`service = \"kinesis\"`, `\"kafka\"` or `\"cloudwatch-logs\"`)",
        ),
        Class::Invoke => ("the payload of a direct invocation", ""),
        _ => ("the input of a schedule", ""),
    };
    let text = format!(
        "the function `{}` ({}) cannot share a Lambda function with others: {why} is any JSON, so an event does not show which \
         function it is for. Set OMNIFN_FUNCTION to the name of the function that this Lambda function runs, as `cargo omnifn emit` and \
         `package` do{or}; there are: {}",
        function.name,
        function.class(),
        functions.names(),
    );
    Err(Error::new(ErrorKind::Config, text))
}

/// Reads an event of the only function, whose payload belongs to the user.
pub(super) fn read(aws: &Aws, event: &Bytes, function: &'static Spec) -> Result<Read, Error> {
    match function.class() {
        Class::Schedule => Ok(whole(function, schedule::tick(event)?.into())),
        _ => stream(aws, event, function),
    }
}

fn whole(function: &'static Spec, event: omnifn_core::Event) -> Read {
    Read { function, batch: Batch::Whole, records: Box::new(std::iter::once(Record::new(Ok(event)))), system: None }
}

/// Reads an event of a stream: records of a service, if the event has all the fields that the service writes, and otherwise the message of
/// an IoT rule. With `service = "iot"` it is always a message.
fn stream(aws: &Aws, event: &Bytes, function: &'static Spec) -> Result<Read, Error> {
    let is_iot = matches!(function.options.service, Some("iot" | "iot-rule"));
    match omnifn_core::json::parse(event).ok().map(|Object(transport): Object<Transport<'_>>| transport) {
        Some(transport) if !is_iot && transport.is_kinesis() => {
            if transport.window.is_some() {
                warn_of_window();
            }
            let records = transport.records.map(|records| records_of(event, records)).transpose()?;
            batch::<kinesis::Kinesis>(aws, records.unwrap_or_default())
        }
        Some(transport) if !is_iot && transport.is_kafka() => kafka::read(aws, event, transport.kafka),
        Some(Transport { awslogs: Some(Object(logs)), .. }) if !is_iot && logs.is_gzip() => {
            cloudwatch_logs::read(aws, &logs.data)
        }
        transport => {
            if transport.is_none() {
                unsupported::not_json(event).map_or(Ok(()), Err)?;
            }
            let mut message = Message::new(event.clone());
            message.content_type = Some("application/json".to_owned());
            Ok(whole(function, message.into()))
        }
    }
}

/// The keys by which the services that deliver streams differ.
#[derive(Deserialize)]
struct Transport<'a> {
    #[serde(borrow, rename = "Records")]
    records: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventSource")]
    event_source: Option<Str<'a>>,
    #[serde(borrow, rename = "records")]
    kafka: Option<&'a RawValue>,
    #[serde(borrow)]
    awslogs: Option<Object<cloudwatch_logs::Data<'a>>>,
    window: Option<IgnoredAny>,
}

impl Transport<'_> {
    fn is_kinesis(&self) -> bool {
        #[derive(Deserialize)]
        struct Record<'a> {
            #[serde(borrow, rename = "eventSource")]
            source: Str<'a>,
            #[serde(borrow, rename = "eventSourceARN")]
            arn: Str<'a>,
            #[serde(rename = "eventID")]
            _id: Str<'a>,
            #[serde(rename = "kinesis")]
            _kinesis: Object<Data>,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            #[serde(rename = "sequenceNumber")]
            _sequence_number: IgnoredAny,
            #[serde(rename = "data")]
            _data: IgnoredAny,
        }
        let first = self.records.and_then(first);
        let first = first.and_then(|record| omnifn_core::json::parse_str::<Object<Record<'_>>>(record.get()).ok());
        first.is_some_and(|record| {
            &*record.source == "aws:kinesis" && record.arn.starts_with("arn:") && record.arn.contains(":kinesis:")
        })
    }

    fn is_kafka(&self) -> bool {
        self.event_source.as_deref().is_some_and(is_kafka) && self.kafka.is_some_and(kafka::has_records)
    }
}
