//! Payloads that belong to the user: that of a direct invocation, the input of a schedule, and the message of an IoT rule
//! (`service = "iot"`) can be any JSON, so nothing in them is interpreted as a field of the platform.

use bytes::Bytes;
use omnifn_core::{
    Error, ErrorKind, Functions, Record, Spec,
    event::{Class, Message},
    json::{Object, Str, first},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::value::RawValue;

use super::{Batch, Read, batch, cloudwatch_logs, kafka, kinesis, records_of, schedule, unsupported, warn_of_window};
use crate::{
    Aws,
    detect::{cluster, is_kafka},
};

/// Returns whether a stream is declared to be that of an IoT rule.
pub(crate) fn is_iot(function: &Spec) -> bool {
    function.class() == Class::Stream && matches!(function.options.service, Some("iot" | "iot-rule"))
}

/// Returns whether the function has to be the only one of its program: any JSON may be its event, or it is a stream that declares no
/// service of this platform.
pub(crate) fn is_alone(function: &Spec) -> bool {
    match function.class() {
        Class::Schedule | Class::Invoke => true,
        Class::Stream => !matches!(function.options.service, Some("kinesis" | "kafka" | "cloudwatch-logs")),
        _ => false,
    }
}

/// Checks that a function that has to be alone is the only one, because nothing in an event names the function that it is for.
pub(crate) fn check(functions: &Functions) -> Result<(), Error> {
    let Some(function) = functions.iter().find(|function| is_alone(function)) else { return Ok(()) };
    if functions.single().is_some() {
        return Ok(());
    }
    let (why, or) = match function.class() {
        Class::Stream if is_iot(function) => ("the message of an IoT rule is any JSON", ""),
        Class::Stream => (
            "it declares no `service`, so the stream may be that of devices, whose messages are any JSON",
            ", or declare what delivers the stream (`service = \"kinesis\"`, `\"kafka\"` or `\"cloudwatch-logs\"`)",
        ),
        Class::Invoke => ("the payload of a direct invocation is any JSON", ""),
        _ => ("the input of a schedule is any JSON", ""),
    };
    let text = format!(
        "the function `{}` ({}) cannot share a Lambda function with others: {why}, and an event does not show which \
         function it is for. Set OMNIFN_FUNCTION to the name of the function that this Lambda function runs, as `cargo omnifn emit` and \
         `package` do{or}; there are: {}",
        function.name,
        function.class(),
        functions.names(),
    );
    Err(Error::new(ErrorKind::Config, text))
}

/// Reads an event of the only function.
pub(super) fn read(aws: &Aws, event: &Bytes, function: &'static Spec) -> Result<Read, Error> {
    match function.class() {
        Class::Schedule => Ok(whole(function, schedule::tick(event)?.into())),
        _ if is_iot(function) => Ok(whole(function, device_message(event)?.into())),
        _ => stream(aws, event, function),
    }
}

fn whole(function: &'static Spec, event: omnifn_core::Event) -> Read {
    Read { function, batch: Batch::Whole, records: Box::new(std::iter::once(Record::new(Ok(event)))), system: None }
}

/// Returns the message of an IoT rule, which is the whole event, unchanged.
fn device_message(event: &Bytes) -> Result<Message, Error> {
    unsupported::not_json(event).map_or(Ok(()), Err)?;
    let mut message = Message::new(event.clone());
    message.content_type = Some("application/json".to_owned());
    Ok(message)
}

/// Reads the records of a stream that declares no service of this platform. The event must have all the fields that Kinesis, Kafka or
/// CloudWatch Logs write: everything else may be what a device wrote, and is refused.
fn stream(aws: &Aws, event: &Bytes, function: &'static Spec) -> Result<Read, Error> {
    match omnifn_core::json::parse(event).ok().map(|Object(transport): Object<Transport<'_>>| transport) {
        Some(transport) if transport.is_kinesis() => {
            if transport.window.is_some() {
                warn_of_window();
            }
            let records = transport.records.map(|records| records_of(event, records)).transpose()?;
            batch::<kinesis::Kinesis>(aws, records.unwrap_or_default())
        }
        Some(transport) if transport.is_kafka() => kafka::read(aws, event, transport.kafka, transport.cluster()),
        Some(Transport { awslogs: Some(Object(logs)), .. }) if logs.is_gzip() => cloudwatch_logs::read(aws, &logs.data),
        _ => Err(unsupported::not_json(event).unwrap_or_else(|| of_no_service(event, function))),
    }
}

/// Returns the error for JSON that none of the services of streams has written.
fn of_no_service(event: &Bytes, function: &Spec) -> Error {
    let text = format!(
        "the stream `{}` received {}, but expected records of Kinesis, Kafka, or CloudWatch Logs: write `service = \"iot\"` in its \
         attribute if this is the message of an IoT rule, or any other JSON that the function is called with",
        function.name,
        unsupported::source(event).name.trim_end_matches(','),
    );
    Error::new(ErrorKind::Unsupported, text)
}

/// The keys by which the services that deliver streams differ.
#[derive(Deserialize)]
struct Transport<'a> {
    #[serde(borrow, rename = "Records")]
    records: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventSource")]
    event_source: Option<Str<'a>>,
    /// The window of a tumbling window's event, whose last one has no records.
    #[serde(borrow, rename = "eventSourceARN")]
    stream: Option<Str<'a>>,
    #[serde(borrow, rename = "records")]
    kafka: Option<&'a RawValue>,
    #[serde(borrow, rename = "eventSourceArn")]
    kafka_arn: Option<&'a RawValue>,
    #[serde(borrow, rename = "bootstrapServers")]
    kafka_servers: Option<&'a RawValue>,
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
        // https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-windows.html
        if self.window.is_some() && self.records.is_some_and(|records| records.get() == "[]") {
            return self.stream.as_deref().is_some_and(|arn| arn.starts_with("arn:") && arn.contains(":kinesis:"));
        }
        let first = self.records.and_then(first);
        let first = first.and_then(|record| omnifn_core::json::parse_str::<Object<Record<'_>>>(record.get()).ok());
        first.is_some_and(|record| {
            &*record.source == "aws:kinesis" && record.arn.starts_with("arn:") && record.arn.contains(":kinesis:")
        })
    }

    fn cluster(&self) -> Option<String> {
        cluster(self.kafka_arn, self.kafka_servers)
    }

    fn is_kafka(&self) -> bool {
        self.event_source.as_deref().is_some_and(is_kafka) && self.kafka.is_some_and(kafka::has_records)
    }
}
