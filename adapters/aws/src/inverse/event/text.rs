//! Messages of SQS, SNS and Amazon MQ.

use bytes::Bytes;
use omnifn_core::event::{Message, time};
use serde_json::{Map, Value, json};

use super::ACCOUNT;

pub(super) fn sqs(message: Message, source: &str, fifo: bool) -> Value {
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

pub(super) fn in_sqs(id: Option<String>, body: String) -> Value {
    let mut message = Message::new(Bytes::from(body));
    message.id = id;
    sqs(message, "example", false)
}

pub(super) fn notification(message: Message, source: &str, type_key: &str) -> Value {
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

pub(super) fn message_of_activemq(message: Message, source: &str) -> Value {
    json!({
        "messageID": message.id,
        "messageType": "jms/bytes-message",
        "timestamp": message.time.map(time::to_millis),
        "destination": {"physicalName": source},
        "redelivered": message.attempt.is_some_and(|attempt| attempt > 1),
        "data": base64_simd::STANDARD.encode_to_string(&message.body),
        "properties": message.attributes,
    })
}

pub(super) fn activemq(messages: Vec<Value>) -> Value {
    json!({
        "eventSource": "aws:mq",
        "eventSourceArn": format!("arn:aws:mq:{ACCOUNT}:broker:example:b-0f5b7522"),
        "messages": messages,
    })
}

pub(super) fn message_of_rabbitmq(message: Message) -> Value {
    let headers = message.attributes.iter().map(|(name, value)| (name.clone(), json!({"bytes": value.as_bytes()})));
    json!({
        "basicProperties": {
            "contentType": message.content_type,
            "headers": headers.collect::<Map<_, _>>(),
            "messageId": message.id,
            "bodySize": message.body.len(),
        },
        "redelivered": message.attempt.is_some_and(|attempt| attempt > 1),
        "data": base64_simd::STANDARD.encode_to_string(&message.body),
    })
}

pub(super) fn rabbitmq(messages: Vec<Value>, source: &str) -> Value {
    json!({
        "eventSource": "aws:rmq",
        "eventSourceArn": format!("arn:aws:mq:{ACCOUNT}:broker:example:b-9bcfa592"),
        "rmqMessagesByQueue": {format!("{source}::/"): messages},
    })
}
