//! JSON that is nested deeply overflows no stack: not as the body of a request or an event, and not at any place of what a platform
//! writes, also in documents that are texts in other documents.

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use omnifn::prelude::*;
use omnifn_core::{Adapter, Event, Inverse, Settings, Spec, event::Class};
use omnifn_runtime::dispatch::Dispatch;
use serde_json::Value;

use crate::support::{Sent, in_each_shape, private};

#[function(post = "/{*_path}")]
async fn take(Json(value): Json<Value>) -> Json<Value> {
    Json(value)
}

#[function(invoke)]
async fn invoke(Json(value): Json<Value>) -> Json<Value> {
    Json(value)
}

#[function(queue = "a")]
async fn queue(_: Message<Value>) {}

#[function(topic = "a")]
async fn topic(_: Message<Value>) {}

#[function(stream = "a")]
async fn stream(_: Message<Value>) {}

#[function(storage = "a", on(created, deleted, archived, updated))]
async fn storage(_: Object) {}

#[function(schedule = "0 3 * * *")]
async fn schedule(tick: Tick) -> Result<()> {
    tick.input::<Value>().map(drop)
}

#[function(event = "a")]
async fn event(_: CloudEvent<Value>) {}

#[function(changes = "a")]
async fn changes(_: Change<Value>) {}

const FUNCTIONS: [&str; 9] = ["take", "invoke", "queue", "topic", "stream", "storage", "schedule", "event", "changes"];

/// Far more levels than a stack of 2 MiB has room for, if each is a call.
const LEVELS: usize = 20_000;

fn deep() -> [String; 3] {
    let objects = format!("{}1{}", "{\"a\":".repeat(LEVELS), "}".repeat(LEVELS));
    [format!("{}{}", "[".repeat(LEVELS), "]".repeat(LEVELS)), "[".repeat(LEVELS), objects]
}

fn sample(class: Class, body: &Bytes) -> Event {
    match class {
        Class::Storage => {
            let mut object = Object::created("a", "cat.jpg");
            object.metadata.insert("deep".to_owned(), String::from_utf8_lossy(body).into_owned());
            object.into()
        }
        Class::Schedule => {
            let mut tick = Tick::new();
            tick.input = body.clone();
            tick.into()
        }
        Class::Event => {
            let mut event = CloudEvent::new("1", "/a", "a", body.clone());
            event.data_content_type = Some("application/json".to_owned());
            event.into()
        }
        Class::Changes => Change::new(ChangeKind::Updated, None, Some(serde_json::json!({"id": "1"}))).into(),
        _ => {
            let mut message = Message::new(body.clone());
            message.id = Some("1".to_owned());
            message.into()
        }
    }
}

fn write<A: Inverse>(adapter: &A, shape: &str, function: &'static Spec, body: Bytes) -> Option<Request<Bytes>> {
    match function.class() {
        Class::Http => {
            let request = Request::post("/take").header(header::HOST, "app.example");
            let request = request.header(header::CONTENT_TYPE, "application/json").body(body).expect("a request");
            adapter.write(shape, request).ok()
        }
        Class::Invoke => adapter.write_invocation(shape, function, body).ok(),
        class => adapter.write_events(shape, function, vec![sample(class, &body)]).ok(),
    }
}

/// Writes a document with `deep` at the place where the count ends.
fn with_deep(value: &Value, left: &mut Option<usize>, deep: &str) -> String {
    match left {
        Some(0) => {
            *left = None;
            return deep.to_owned();
        }
        Some(count) => *count -= 1,
        None => {}
    }
    match value {
        Value::Array(list) => {
            format!("[{}]", list.iter().map(|value| with_deep(value, left, deep)).collect::<Vec<_>>().join(","))
        }
        Value::Object(fields) => {
            let fields =
                fields.iter().map(|(name, value)| format!("{}:{}", Value::from(&**name), with_deep(value, left, deep)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::String(text) => {
            let is_document = |value: &Value| value.is_object() || value.is_array();
            let read = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok().filter(is_document);
            let engine = base64_simd::STANDARD;
            if let Some(inner) = read(text.as_bytes()) {
                return Value::from(with_deep(&inner, left, deep)).to_string();
            }
            match engine.decode_to_vec(text).ok().and_then(|bytes| read(&bytes)) {
                Some(inner) => Value::from(engine.encode_to_string(with_deep(&inner, left, deep))).to_string(),
                None => value.to_string(),
            }
        }
        other => other.to_string(),
    }
}

/// The message, and the message with each of its places replaced.
fn nested(message: &Request<Bytes>, deep: &[String]) -> Vec<Sent> {
    let mut sent = Vec::new();
    let with_body = |body: String| {
        let mut message = message.clone();
        if let Some(length) = message.headers_mut().get_mut(header::CONTENT_LENGTH) {
            *length = HeaderValue::from(body.len());
        }
        *message.body_mut() = body.into();
        message
    };
    for (kind, deep) in deep.iter().enumerate() {
        let Ok(document) = serde_json::from_slice::<Value>(message.body()) else { break };
        for place in 0.. {
            let mut left = Some(place);
            let body = with_deep(&document, &mut left, deep);
            if left.is_some() {
                break;
            }
            sent.push(Sent { what: format!("{kind} at place {place}"), message: with_body(body) });
        }
    }
    sent
}

fn on<A: Inverse>(new: impl Fn(&dyn Settings) -> A) -> usize {
    // What is refused is not printed.
    let _silent = tracing::subscriber::set_default(tracing_subscriber::registry());
    let deep = deep();
    let mut count = 0;
    for name in FUNCTIONS {
        let app = omnifn::app!(take, invoke, queue, topic, stream, storage, schedule, event, changes).only(name);
        let dispatch = Dispatch::new(new(&private), app.router().expect("an app"));
        let function = dispatch.router().functions().named(name).expect("the function");
        // As the whole payload, which the platform puts into its own form.
        let replies = in_each_shape(&dispatch, function, |adapter, shape| {
            let messages = deep.iter().filter_map(|deep| write(adapter, shape, function, deep.clone().into()));
            messages.map(|message| Sent { what: "a deep payload".to_owned(), message }).collect()
        });
        count += replies.len();
        if matches!(function.class(), Class::Http | Class::Invoke) {
            for (what, reply) in &replies {
                let text = String::from_utf8_lossy(reply.body());
                let failed = !reply.status().is_success() || text.contains("400") || text.contains("errorType");
                assert!(failed, "{what}: {reply:?}");
            }
        }
        // At each place of a message that is fine.
        let replies = in_each_shape(&dispatch, function, |adapter, shape| {
            let message = write(adapter, shape, function, Bytes::from_static(br#"{"a": [1]}"#));
            message.map(|message| nested(&message, &deep[..1])).unwrap_or_default()
        });
        count += replies.len();
    }
    count
}

#[test]
fn aws() {
    let sent = on(omnifn_aws::Aws::new);
    assert!(sent > 500, "{sent} messages were sent");
}

#[test]
fn google_cloud() {
    assert!(on(omnifn_gcp::Gcp::new) > 100);
}

#[test]
fn azure() {
    assert!(on(omnifn_azure::Azure::new) > 100);
}

#[test]
fn local() {
    assert!(on(omnifn_local::Local::new) > 20);
}

/// SNS in SQS, and S3 in SNS in SQS: each level is a text in the level around it.
#[test]
fn levels_of_texts() {
    let deep = &deep()[0];
    for name in ["queue", "topic", "storage"] {
        let mut aws = omnifn_aws::Aws::new(&|_: &str| None);
        let app = omnifn::app!(queue, topic, storage).only(name);
        aws.serve(app.router().expect("an app").functions());
        let mut text = deep.clone();
        for _ in 0..6 {
            let notification = serde_json::json!({"Type": "Notification", "MessageId": "1",
                "TopicArn": "arn:aws:sns:us-east-1:123456789012:a", "Message": text, "Timestamp": "2026-11-23T05:42:33Z"});
            text = notification.to_string();
            let record = serde_json::json!({"Records": [{"messageId": "1", "body": text, "eventSource": "aws:sqs",
                "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:a"}]});
            let message = Request::post("/").body(omnifn_core::Payload::Whole(record.to_string().into()));
            let _ = aws.decode(message.expect("a message"));
        }
    }
}
