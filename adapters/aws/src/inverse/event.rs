//! Events as each service delivers them.

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{
    Error, ErrorKind, Event,
    event::{Change, ChangeKind, Class, CloudEvent, Message, Object, ObjectChange, Tick, time},
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The shapes of each class.
pub(super) fn shapes(class: Class) -> &'static [&'static str] {
    match class {
        Class::Queue => &["sqs", "sqs-fifo"],
        Class::Topic => &["sns", "sns-sqs"],
        Class::Stream => &["kinesis", "kafka", "iot-rule"],
        Class::Storage => &["s3", "s3-sns", "s3-sqs", "s3-sns-sqs", "s3-eventbridge"],
        Class::Schedule => &["eventbridge-schedule", "scheduler-input"],
        Class::Event => &["eventbridge"],
        Class::Changes => &["dynamodb"],
        _ => &[],
    }
}

const ACCOUNT: &str = "us-east-1:123456789012";

pub(super) fn write(shape: &str, source: &str, events: Vec<Event>) -> Result<Bytes, Error> {
    let several = ["sqs", "sqs-fifo", "sns-sqs", "kinesis", "kafka", "dynamodb", "s3-sqs", "s3-sns-sqs"];
    if events.len() != 1 && !several.contains(&shape) {
        return Err(unfit(shape, "another number of events than one"));
    }
    let wire = events.into_iter().map(|event| one(shape, source, event)).collect::<Result<Vec<_>, _>>()?;
    let whole = match shape {
        "s3-eventbridge" | "eventbridge-schedule" | "eventbridge" => wire.into_iter().next().unwrap_or_default(),
        "scheduler-input" | "iot-rule" => {
            let text = wire.into_iter().next().and_then(|value| value.as_str().map(str::to_owned));
            return Ok(text.unwrap_or_default().into());
        }
        "kafka" => kafka(wire),
        _ => json!({"Records": wire}),
    };
    Ok(whole.to_string().into())
}

fn one(shape: &str, source: &str, event: Event) -> Result<Value, Error> {
    Ok(match (shape, event) {
        ("sqs" | "sqs-fifo", Event::Message(message)) => sqs(message, source, shape == "sqs-fifo"),
        ("sns", Event::Message(message)) => json!({
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": format!("arn:aws:sns:{ACCOUNT}:{source}:0b6941c3"),
            "Sns": notification(message, source, "Type"),
        }),
        ("sns-sqs", Event::Message(message)) => {
            let id = message.id.clone();
            in_sqs(id, notification(message, source, "Type").to_string())
        }
        ("kinesis", Event::Message(message)) => kinesis(message, source),
        ("kafka", Event::Message(message)) => record_of_kafka(message, source),
        ("iot-rule", Event::Message(message)) => String::from_utf8_lossy(&message.body).into_owned().into(),
        ("s3", Event::Object(object)) => s3(object),
        ("s3-sns", Event::Object(object)) => json!({
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "Sns": notification(in_message(object), source, "Type"),
        }),
        ("s3-sqs", Event::Object(object)) => {
            let id = object.sequence.clone();
            in_sqs(id, json!({"Records": [s3(object)]}).to_string())
        }
        ("s3-sns-sqs", Event::Object(object)) => {
            let id = object.sequence.clone();
            in_sqs(id, notification(in_message(object), source, "Type").to_string())
        }
        ("s3-eventbridge", Event::Object(object)) => bridged(object),
        ("eventbridge-schedule", Event::Tick(tick)) => schedule(tick),
        ("scheduler-input", Event::Tick(tick)) => String::from_utf8_lossy(&tick.input).into_owned().into(),
        ("eventbridge", Event::Cloud(event)) => bridge(event),
        ("dynamodb", Event::Change(change)) => dynamodb(change, source),
        (_, event) => return Err(unfit(shape, event.what())),
    })
}

/// Of each event that was written, whether Lambda takes it as done.
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
        item_identifier: String,
    }
    let answer: Option<Answer> = serde_json::from_slice(reply.body()).map_err(|e| {
        Error::new(ErrorKind::Decode, "the reply is none that an event source mapping reads").with_source(e)
    })?;
    let named: Vec<_> = answer.and_then(|answer| answer.batch_item_failures).unwrap_or_default();
    // One that is not there stands for the whole batch.
    if named.iter().any(|item| !ids.iter().any(|id| id.as_deref() == Some(&item.item_identifier))) {
        return Ok(vec![false; ids.len()]);
    }
    let is_named = |id: &Option<String>| named.iter().any(|item| Some(&item.item_identifier) == id.as_ref());
    Ok(ids.iter().map(|id| !is_named(id)).collect())
}

/// What names each record in a reply.
fn ids(event: &Bytes) -> Vec<Option<String>> {
    let event: Value = serde_json::from_slice(event).unwrap_or_default();
    let text = |record: &Value, pointer: &str| record.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    match (event.get("Records").and_then(Value::as_array), event.get("records").and_then(Value::as_object)) {
        (Some(list), _) => {
            let pointers = ["/messageId", "/kinesis/sequenceNumber", "/dynamodb/SequenceNumber"];
            list.iter().map(|record| pointers.iter().find_map(|pointer| text(record, pointer))).collect()
        }
        (None, Some(map)) => map.values().filter_map(Value::as_array).flatten().map(|_| None).collect(),
        _ => vec![None],
    }
}

fn sqs(message: Message, source: &str, fifo: bool) -> Value {
    let mut attributes = json!({"SenderId": "AIDAIENQZJOLO23YVJ4VO"});
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            attributes[name] = value.into();
        }
    };
    put("ApproximateReceiveCount", message.attempt.map(|attempt| attempt.to_string()));
    put("SentTimestamp", message.time.map(|at| time::to_millis(at).to_string()));
    put("MessageGroupId", message.key.or_else(|| fifo.then(|| "one".to_owned())));
    put("SequenceNumber", message.sequence);
    let own = message.attributes.into_iter();
    let own = own.map(|(name, value)| {
        (name, json!({"stringValue": value, "dataType": "String", "stringListValues": [], "binaryListValues": []}))
    });
    let end = if fifo { ".fifo" } else { "" };
    let mut record = json!({
        "body": String::from_utf8_lossy(&message.body),
        "receiptHandle": "MessageReceiptHandle",
        "attributes": attributes,
        "messageAttributes": own.collect::<Map<_, _>>(),
        "eventSource": "aws:sqs",
        "eventSourceARN": format!("arn:aws:sqs:{ACCOUNT}:{source}{end}"),
        "awsRegion": "us-east-1",
    });
    if let Some(id) = message.id {
        record["messageId"] = id.into();
    }
    record
}

fn in_sqs(id: Option<String>, body: String) -> Value {
    let mut message = Message::new(Bytes::from(body));
    message.id = id;
    sqs(message, "example", false)
}

fn notification(message: Message, source: &str, type_key: &str) -> Value {
    let attributes =
        message.attributes.into_iter().map(|(name, value)| (name, json!({"Type": "String", "Value": value})));
    let mut sns = json!({
        type_key: "Notification",
        "TopicArn": format!("arn:aws:sns:{ACCOUNT}:{source}"),
        "Subject": message.subject,
        "Message": String::from_utf8_lossy(&message.body),
        "SignatureVersion": "1",
        "MessageAttributes": attributes.collect::<Map<_, _>>(),
    });
    if let Some(id) = message.id {
        sns["MessageId"] = id.into();
    }
    if let Some(at) = message.time {
        sns["Timestamp"] = time::rfc3339(at).into();
    }
    sns
}

fn kinesis(message: Message, source: &str) -> Value {
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

fn seconds(at: std::time::SystemTime) -> f64 {
    time::to_millis(at) as f64 / 1000.0
}

fn record_of_kafka(message: Message, source: &str) -> Value {
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

fn kafka(records: Vec<Value>) -> Value {
    let mut map = Map::new();
    for record in records {
        let place = format!("{}-{}", record["topic"].as_str().unwrap_or_default(), record["partition"]);
        if let Value::Array(list) = map.entry(place).or_insert_with(|| json!([])) {
            list.push(record);
        }
    }
    json!({"eventSource": "aws:kafka", "eventSourceArn": format!("arn:aws:kafka:{ACCOUNT}:cluster/example/0b69"), "records": map})
}

fn s3(object: Object) -> Value {
    let name = match object.change {
        ObjectChange::Deleted => "ObjectRemoved:Delete",
        ObjectChange::Archived => "LifecycleTransition",
        ObjectChange::Updated => "ObjectTagging:Put",
        _ => "ObjectCreated:Put",
    };
    let key = percent_encoding::utf8_percent_encode(&object.key, percent_encoding::NON_ALPHANUMERIC).to_string();
    let mut entry = json!({"key": key.replace("%20", "+").replace("%2F", "/").replace("%2E", ".")});
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            entry[name] = value;
        }
    };
    put("size", object.size.map(Value::from));
    put("eTag", object.etag.map(Value::from));
    put("versionId", object.version.map(Value::from));
    put("sequencer", object.sequence.map(Value::from));
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-east-1",
        "eventTime": object.time.map(time::rfc3339),
        "eventName": name,
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": object.bucket, "arn": format!("arn:aws:s3:::{}", object.bucket)},
            "object": entry,
        },
    })
}

fn in_message(object: Object) -> Message {
    let mut message = Message::new(Bytes::new());
    message.id = object.sequence.clone();
    message.body = json!({"Records": [s3(object)]}).to_string().into();
    message
}

fn bridged(object: Object) -> Value {
    let detail_type = match object.change {
        ObjectChange::Deleted => "Object Deleted",
        ObjectChange::Archived => "Object Storage Class Changed",
        ObjectChange::Updated => "Object Tags Added",
        _ => "Object Created",
    };
    let mut entry = json!({"key": object.key});
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            entry[name] = value;
        }
    };
    put("size", object.size.map(Value::from));
    put("etag", object.etag.map(Value::from));
    put("version-id", object.version.map(Value::from));
    put("sequencer", object.sequence.map(Value::from));
    json!({
        "version": "0",
        "id": object.id,
        "detail-type": detail_type,
        "source": "aws.s3",
        "account": "123456789012",
        "time": object.time.map(time::rfc3339),
        "region": "us-east-1",
        "resources": [format!("arn:aws:s3:::{}", object.bucket)],
        "detail": {"version": "0", "bucket": {"name": object.bucket}, "object": entry},
    })
}

fn schedule(tick: Tick) -> Value {
    json!({
        "version": "0",
        "id": tick.id,
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": tick.scheduled.map(time::rfc3339),
        "region": "us-east-1",
        "resources": tick.source.as_slice(),
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
        item["ApproximateCreationDateTime"] = seconds(at).into();
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

fn unfit(shape: &str, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the shape {shape:?} does not carry this: {what}"))
}
