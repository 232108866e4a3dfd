//! Events as each service delivers them.

mod bucket;
mod documentdb;
mod stream;
mod text;

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{
    Error, ErrorKind, Event,
    event::{Change, ChangeKind, Class, CloudEvent, Message, Tick, time},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The shapes of each class.
pub(super) fn shapes(class: Class) -> &'static [&'static str] {
    match class {
        Class::Queue => &["sqs", "sqs-fifo", "activemq", "rabbitmq"],
        Class::Topic => &["sns", "sns-sqs"],
        Class::Stream => &["kinesis", "kafka", "iot-rule", "cloudwatch-logs"],
        Class::Storage => &["s3", "s3-sns", "s3-sqs", "s3-sns-sqs", "s3-eventbridge"],
        Class::Schedule => &["eventbridge-schedule", "scheduler-input"],
        Class::Event => &["eventbridge"],
        Class::Changes => &["dynamodb", "documentdb"],
        _ => &[],
    }
}

const ACCOUNT: &str = "us-east-1:123456789012";

pub(super) fn write(shape: &str, source: &str, events: Vec<Event>) -> Result<Bytes, Error> {
    const SEVERAL: [&str; 12] = [
        "sqs",
        "sqs-fifo",
        "activemq",
        "rabbitmq",
        "sns-sqs",
        "kinesis",
        "kafka",
        "cloudwatch-logs",
        "dynamodb",
        "documentdb",
        "s3-sqs",
        "s3-sns-sqs",
    ];
    if events.len() != 1 && !SEVERAL.contains(&shape) {
        return Err(mismatch(shape, "another number of events than one"));
    }
    let wire = events.into_iter().map(|event| one(shape, source, event)).collect::<Result<Vec<_>, _>>()?;
    let whole = match shape {
        "s3-eventbridge" | "eventbridge-schedule" | "eventbridge" => wire.into_iter().next().unwrap_or_default(),
        "scheduler-input" | "iot-rule" => {
            let text = wire.into_iter().next().and_then(|value| value.as_str().map(str::to_owned));
            // Lambda accepts only JSON events, so a schedule without an input sends an empty object.
            return match text.filter(|text| !text.is_empty()) {
                Some(text) => Ok(text.into()),
                None if shape == "iot-rule" => Err(mismatch(shape, "an empty body")),
                None => Ok("{}".into()),
            };
        }
        "kafka" => stream::kafka(wire),
        "cloudwatch-logs" => stream::cloudwatch_logs(wire, source)?,
        "activemq" => text::activemq(wire),
        "rabbitmq" => text::rabbitmq(wire, source),
        "documentdb" => documentdb::event(wire),
        _ => json!({"Records": wire}),
    };
    Ok(whole.to_string().into())
}

fn one(shape: &str, source: &str, event: Event) -> Result<Value, Error> {
    let is_text = |message: &Message| std::str::from_utf8(&message.body).is_ok();
    if let ("sqs" | "sqs-fifo" | "sns" | "sns-sqs" | "iot-rule" | "cloudwatch-logs", Event::Message(message)) =
        (shape, &event)
        && !is_text(message)
    {
        return Err(mismatch(shape, "a body that is not UTF-8"));
    }
    Ok(match (shape, event) {
        ("sqs" | "sqs-fifo", Event::Message(message)) => text::sqs(*message, source, shape == "sqs-fifo"),
        ("sns", Event::Message(message)) => json!({
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": format!("arn:aws:sns:{ACCOUNT}:{source}:0b6941c3"),
            "Sns": text::notification(*message, source, "Type"),
        }),
        ("sns-sqs", Event::Message(message)) => {
            let id = message.id.clone();
            text::in_sqs(id, text::notification(*message, source, "Type").to_string())
        }
        ("kinesis", Event::Message(message)) => stream::kinesis(*message, source),
        ("activemq", Event::Message(message)) => text::message_of_activemq(*message, source),
        ("rabbitmq", Event::Message(message)) => text::message_of_rabbitmq(*message),
        ("kafka", Event::Message(message)) => stream::record_of_kafka(*message, source),
        ("cloudwatch-logs", Event::Message(message)) => stream::log_event(*message),
        ("iot-rule", Event::Message(message)) => String::from_utf8_lossy(&message.body).into_owned().into(),
        ("s3", Event::Object(object)) => bucket::s3(*object),
        ("s3-sns", Event::Object(object)) => json!({
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "Sns": text::notification(bucket::in_message(*object), source, "Type"),
        }),
        ("s3-sqs", Event::Object(object)) => {
            let id = object.sequence.clone();
            text::in_sqs(id, json!({"Records": [bucket::s3(*object)]}).to_string())
        }
        ("s3-sns-sqs", Event::Object(object)) => {
            let id = object.sequence.clone();
            text::in_sqs(id, text::notification(bucket::in_message(*object), source, "Type").to_string())
        }
        ("s3-eventbridge", Event::Object(object)) => bucket::bridged(*object),
        ("eventbridge-schedule", Event::Tick(tick)) => schedule(*tick),
        ("scheduler-input", Event::Tick(tick)) => String::from_utf8_lossy(&tick.input).into_owned().into(),
        ("eventbridge", Event::Cloud(event)) => bridge(*event),
        ("dynamodb", Event::Change(change)) => dynamodb(change.read()?, source),
        ("documentdb", Event::Change(change)) => documentdb::entry(change.read()?, source),
        (_, event) => return Err(mismatch(shape, event.what())),
    })
}

/// Returns for each event that was written whether Lambda considers it done.
pub(super) fn outcomes(message: &Request<Bytes>, reply: &Response<Bytes>) -> Result<Vec<bool>, Error> {
    let ids = ids(message.body());
    let failed = reply.headers().contains_key("lambda-runtime-function-error-type");
    if failed {
        return Ok(vec![false; ids.len().max(1)]);
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Answer {
        #[serde(default)]
        batch_item_failures: Option<Vec<Item>>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Item {
        item_identifier: Identifier,
    }
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Identifier {
        Id(String),
        Position { partition: String, offset: u64 },
    }
    impl Identifier {
        fn id(&self) -> String {
            match self {
                Identifier::Id(id) => id.clone(),
                Identifier::Position { partition, offset } => format!("{partition}-{offset}"),
            }
        }
    }
    let answer: Option<Answer> = serde_json::from_slice(reply.body()).map_err(|e| {
        Error::new(ErrorKind::Decode, "the reply is not one that an event source mapping reads").with_source(e)
    })?;
    let named = answer.and_then(|answer| answer.batch_item_failures).unwrap_or_default();
    let named: Vec<_> = named.iter().map(|item| item.item_identifier.id()).collect();
    // An unknown id stands for the whole batch.
    if named.iter().any(|item| !ids.iter().any(|id| id.as_ref() == Some(item))) {
        return Ok(vec![false; ids.len()]);
    }
    let is_named = |id: &Option<String>| named.iter().any(|item| Some(item) == id.as_ref());
    Ok(ids.iter().map(|id| !is_named(id)).collect())
}

/// Returns the id of each record in a reply.
fn ids(event: &Bytes) -> Vec<Option<String>> {
    let event: Value = serde_json::from_slice(event).unwrap_or_default();
    let text = |record: &Value, pointer: &str| record.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    if let Some(list) = event.get("Records").and_then(Value::as_array) {
        let pointers = ["/messageId", "/kinesis/sequenceNumber", "/dynamodb/SequenceNumber"];
        return list.iter().map(|record| pointers.iter().find_map(|pointer| text(record, pointer))).collect();
    }
    if let Some(map) = event.get("records").and_then(Value::as_object) {
        let records = |(partition, list): (&String, &Value)| {
            let list = list.as_array().map(Vec::as_slice).unwrap_or_default();
            let id = |record: &Value| Some(format!("{partition}-{}", record.get("offset")?));
            list.iter().map(id).collect::<Vec<_>>()
        };
        return map.iter().flat_map(records).collect();
    }
    if let Some(map) = event.get("rmqMessagesByQueue").and_then(Value::as_object) {
        return map.values().filter_map(Value::as_array).flatten().map(|_| None).collect();
    }
    let list = ["messages", "events"].iter().find_map(|key| event.get(key)?.as_array()).map(Vec::len);
    vec![None; list.or_else(|| stream::log_events(&event)).unwrap_or(1)]
}

fn schedule(tick: Tick) -> Value {
    // EventBridge always writes all of these.
    let id = tick.id.unwrap_or_else(|| "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa".to_owned());
    let rule = tick.source.unwrap_or_else(|| format!("arn:aws:events:{ACCOUNT}:rule/example"));
    let time = tick.scheduled.map_or_else(|| "2026-11-23T00:00:00Z".to_owned(), time::rfc3339);
    json!({
        "version": "0",
        "id": id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": time,
        "region": "us-east-1",
        "resources": [rule],
        "detail": {},
    })
}

fn bridge(event: CloudEvent) -> Value {
    json!({
        "version": "0",
        "id": event.id,
        "detail-type": event.r#type,
        "source": event.source,
        "account": event.extensions.get("account"),
        "time": event.time_text,
        "region": event.extensions.get("region"),
        "resources": event.subject.as_slice(),
        "detail": serde_json::from_slice::<Value>(&event.data).unwrap_or_default(),
    })
}

fn dynamodb(change: Change<Value>, source: &str) -> Value {
    let name = match change.kind {
        ChangeKind::Updated => "MODIFY",
        ChangeKind::Deleted => "REMOVE",
        _ => "INSERT",
    };
    let mut item = json!({"SizeBytes": 26, "StreamViewType": "NEW_AND_OLD_IMAGES"});
    let images = [("Keys", change.key), ("NewImage", change.new), ("OldImage", change.old)];
    for (name, value) in images {
        if let Some(Value::Object(map)) = value {
            item[name] = Value::Object(map.into_iter().map(|(name, value)| (name, attribute(value))).collect());
        }
    }
    if let Some(sequence) = change.sequence {
        item["SequenceNumber"] = sequence.into();
    }
    if let Some(at) = change.time {
        item["ApproximateCreationDateTime"] = stream::seconds(at).into();
    }
    let mut record = json!({
        "eventID": change.id,
        "eventVersion": "1.1",
        "dynamodb": item,
        "awsRegion": "us-east-1",
        "eventName": name,
        "eventSourceARN": format!("arn:aws:dynamodb:{ACCOUNT}:table/{source}/stream/2026-11-23T00:00:00.000"),
        "eventSource": "aws:dynamodb",
    });
    if change.expired == Some(true) {
        record["userIdentity"] = json!({"type": "Service", "principalId": "dynamodb.amazonaws.com"});
    }
    record
}

/// Plain JSON as an `AttributeValue`.
fn attribute(value: Value) -> Value {
    match value {
        Value::Null => json!({"NULL": true}),
        Value::Bool(value) => json!({"BOOL": value}),
        Value::Number(number) => json!({"N": number.to_string()}),
        Value::String(text) => json!({"S": text}),
        Value::Array(list) => json!({"L": list.into_iter().map(attribute).collect::<Vec<_>>()}),
        Value::Object(map) => {
            json!({"M": map.into_iter().map(|(name, value)| (name, attribute(value))).collect::<Map<_, _>>()})
        }
    }
}

fn mismatch(shape: &str, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the shape {shape:?} does not carry this: {what}"))
}
