//! Changes of objects in S3.

use bytes::Bytes;
use omnifn_core::event::{Message, Object, ObjectChange, time};
use serde_json::{Value, json};

pub(super) fn s3(object: Object) -> Value {
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

pub(super) fn in_message(object: Object) -> Message {
    let mut message = Message::new(Bytes::new());
    message.id = object.sequence.clone();
    message.body = json!({"Records": [s3(object)]}).to_string().into();
    message
}

pub(super) fn bridged(object: Object) -> Value {
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
