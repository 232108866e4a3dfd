//! Events as they are posted.
//!
//! The assumptions that the decoder and the inverse share are taken from these sources, or from a peer in `tests/peers`:
//!
//! - Pub/Sub's envelope (standard base64, RFC 3339 with `Z`, texts for ids): <https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage>;
//!   both spellings of its names at once: <https://cloud.google.com/pubsub/docs/push>;
//! - unwrapped messages: <https://cloud.google.com/pubsub/docs/payload-unwrapping>;
//! - Cloud Tasks: <https://firebase.google.com/docs/reference/functions/firebase-functions.tasks.taskcontext>;
//! - Cloud Scheduler: <https://docs.cloud.google.com/php/docs/reference/cloud-scheduler/latest/V1.HttpTarget>;
//! - Cloud Storage's notifications: <https://cloud.google.com/storage/docs/pubsub-notifications>;
//! - Eventarc (binary mode, the attributes of each type): <https://cloud.google.com/eventarc/docs/cloudevents>;
//! - data of events, integers of 64 bits as strings: <https://github.com/googleapis/google-cloudevents>, whose events
//!   the conformance client of the Functions Framework posts to the tests, too;
//! - CloudEvents over HTTP, percent-encoding of headers: <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md>.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header::CONTENT_TYPE};
use omnifn_core::{
    Error, ErrorKind, Event, cloudevents,
    event::{Change, ChangeKind, CloudEvent, Message, Object, ObjectChange, Tick, time},
};
use prost::Message as _;
use serde_json::{Value, json};

use super::firestore::{Document, DocumentEventData, Field, Fields, Kind, List};

const SUBSCRIPTION: &str = "projects/example/subscriptions/example";

pub(super) fn write(shape: &str, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
    if shape == "cloudevents-batch" {
        let events: Vec<CloudEvent> = events.into_iter().map(cloud_event).collect::<Result<_, _>>()?;
        return with_type(cloudevents::write_batch(&events), "application/cloudevents-batch+json");
    }
    let mut events = events.into_iter();
    let (Some(event), None) = (events.next(), events.next()) else { return Err(mismatch(shape, "one event")) };
    match (shape, event) {
        ("pubsub", Event::Message(message)) => json_body(&push(*message)),
        ("pubsub-eventarc", Event::Message(message)) => {
            let (id, at) = (given(message.id.clone()), message.time);
            let mut event = CloudEvent::new(
                id,
                "//pubsub.googleapis.com/projects/example/topics/example",
                "google.cloud.pubsub.topic.v1.messagePublished",
                Bytes::from(push(*message).to_string()),
            );
            event.time_text = at.map(time::rfc3339);
            event.data_content_type = Some("application/json".to_owned());
            binary(&event)
        }
        ("pubsub-unwrapped", Event::Message(message)) => unwrapped(*message),
        ("cloud-tasks", Event::Message(message)) => task(*message),
        ("eventarc", Event::Object(object)) => binary(&finalized(*object)),
        ("pubsub-notification", Event::Object(object)) => json_body(&push(notification(*object))),
        ("scheduler", Event::Tick(tick)) => job(*tick),
        ("scheduler-pubsub", Event::Tick(tick)) => {
            let mut message = Message::new(tick.input);
            message.id = tick.id;
            message.time = tick.scheduled;
            message.attempt = tick.attempt;
            json_body(&push(message))
        }
        ("cloudevent", Event::Cloud(event)) => binary(&event),
        ("cloudevent-structured", Event::Cloud(event)) => {
            with_type(cloudevents::write_structured(&event), "application/cloudevents+json; charset=utf-8")
        }
        ("firestore" | "firestore-json", Event::Change(change)) => {
            binary(&written(change.read()?, shape == "firestore"))
        }
        (_, event) => Err(mismatch(shape, event.what())),
    }
}

/// Returns the number of events in a message.
pub(super) fn count(message: &Request<Bytes>) -> usize {
    let is_batch = message
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|media| media.as_bytes().starts_with(b"application/cloudevents-batch"));
    match is_batch {
        true => serde_json::from_slice::<Vec<Value>>(message.body()).map_or(1, |list| list.len()),
        false => 1,
    }
}

fn mismatch(shape: &str, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the shape {shape:?} does not carry this: {what}"))
}

fn cloud_event(event: Event) -> Result<CloudEvent, Error> {
    match event {
        Event::Cloud(event) => Ok(*event),
        other => Err(mismatch("cloudevents-batch", other.what())),
    }
}

fn binary(event: &CloudEvent) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(Bytes::new());
    cloudevents::write_binary(event, &mut request)?;
    Ok(request)
}

fn with_type(body: Bytes, media_type: &'static str) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(body);
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    Ok(request)
}

fn json_body(value: &Value) -> Result<Request<Bytes>, Error> {
    with_type(value.to_string().into(), "application/json")
}

/// The envelope of a push, with both spellings, as it comes.
fn push(message: Message) -> Value {
    let mut wire = json!({
        "data": base64_simd::STANDARD.encode_to_string(&message.body),
        "attributes": message.attributes,
    });
    let at = message.time.map(time::rfc3339);
    for (names, value) in [(["messageId", "message_id"], &message.id), (["publishTime", "publish_time"], &at)] {
        if let Some(value) = value {
            names.into_iter().for_each(|name| wire[name] = value.as_str().into());
        }
    }
    if let Some(key) = message.key {
        wire["orderingKey"] = key.into();
    }
    let mut push = json!({"message": wire, "subscription": message.source.as_deref().unwrap_or(SUBSCRIPTION)});
    if let Some(attempt) = message.attempt {
        push["deliveryAttempt"] = attempt.into();
    }
    push
}

fn set(headers: &mut HeaderMap, name: &str, value: Option<String>) -> Result<(), Error> {
    if let Some(value) = value {
        headers.insert(HeaderName::try_from(name)?, HeaderValue::try_from(value)?);
    }
    Ok(())
}

fn unwrapped(message: Message) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(message.body);
    let headers = request.headers_mut();
    set(headers, "x-goog-pubsub-subscription-name", Some(message.source.unwrap_or_else(|| SUBSCRIPTION.to_owned())))?;
    set(headers, "x-goog-pubsub-message-id", Some(given(message.id)))?;
    set(headers, "x-goog-pubsub-publish-time", message.time.map(time::rfc3339))?;
    set(headers, "x-goog-pubsub-ordering-key", message.key)?;
    // Pub/Sub sends this media type unless the message has an attribute `Content-Type`.
    let media_type = message.content_type.unwrap_or_else(|| "application/x-www-form-urlencoded".to_owned());
    set(headers, "content-type", Some(media_type))?;
    // HTTP does not keep the case of a name.
    for (name, value) in message.attributes {
        set(headers, &name, Some(value))?;
    }
    Ok(request)
}

fn task(message: Message) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(message.body);
    let headers = request.headers_mut();
    set(headers, "x-cloudtasks-taskname", message.id)?;
    set(headers, "x-cloudtasks-queuename", message.source)?;
    let retries = message.attempt.map(|attempt| attempt.saturating_sub(1).to_string());
    set(headers, "x-cloudtasks-taskretrycount", retries)?;
    set(headers, "x-cloudtasks-tasketa", message.time.map(seconds))?;
    set(headers, "content-type", message.content_type)?;
    Ok(request)
}

fn seconds(at: std::time::SystemTime) -> String {
    let millis = time::to_millis(at);
    format!("{}.{:03}", millis / 1000, millis % 1000)
}

fn job(tick: Tick) -> Result<Request<Bytes>, Error> {
    let mut request = Request::new(tick.input);
    let headers = request.headers_mut();
    set(headers, "x-cloudscheduler", Some("true".to_owned()))?;
    set(headers, "x-cloudscheduler-jobname", tick.source)?;
    set(headers, "x-cloudscheduler-scheduletime", tick.scheduled.map(time::rfc3339))?;
    Ok(request)
}

fn resource(object: &Object) -> Value {
    let mut resource = json!({"kind": "storage#object", "bucket": object.bucket, "name": object.key});
    let mut put = |name: &str, value: Option<String>| {
        if let Some(value) = value {
            resource[name] = value.into();
        }
    };
    put("size", object.size.map(|size| size.to_string()));
    put("etag", object.etag.clone());
    put("generation", object.version.clone());
    put("contentType", object.content_type.clone());
    if !object.metadata.is_empty() {
        resource["metadata"] = json!(object.metadata);
    }
    resource
}

fn finalized(object: Object) -> CloudEvent {
    let verb = match object.change {
        ObjectChange::Deleted => "deleted",
        ObjectChange::Archived => "archived",
        ObjectChange::Updated => "metadataUpdated",
        _ => "finalized",
    };
    let source = format!("//storage.googleapis.com/projects/_/buckets/{}", object.bucket);
    let data = resource(&object).to_string();
    let r#type = format!("google.cloud.storage.object.v1.{verb}");
    let mut event = CloudEvent::new(given(object.id), source, r#type, Bytes::from(data));
    event.subject = Some(format!("objects/{}", object.key));
    event.time_text = object.time.map(time::rfc3339);
    event.data_content_type = Some("application/json".to_owned());
    event.extensions.insert("bucket".to_owned(), object.bucket);
    event
}

fn notification(object: Object) -> Message {
    let kind = match object.change {
        ObjectChange::Deleted => "OBJECT_DELETE",
        ObjectChange::Archived => "OBJECT_ARCHIVE",
        ObjectChange::Updated => "OBJECT_METADATA_UPDATE",
        _ => "OBJECT_FINALIZE",
    };
    let mut message = Message::new(Bytes::from(resource(&object).to_string()));
    message.id = object.id;
    message.time = object.time;
    let at = object.time.map(time::rfc3339);
    let attributes = [
        ("eventType", Some(kind.to_owned())),
        ("bucketId", Some(object.bucket)),
        ("objectId", Some(object.key)),
        ("objectGeneration", object.version),
        ("eventTime", at),
        ("payloadFormat", Some("JSON_API_V1".to_owned())),
    ];
    message.attributes = attributes.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
    message
}

fn written(change: Change<Value>, as_protobuf: bool) -> CloudEvent {
    let verb = match change.kind {
        ChangeKind::Inserted => "created",
        ChangeKind::Updated => "updated",
        ChangeKind::Deleted => "deleted",
        _ => "written",
    };
    let path = change.key.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
    let name = format!("projects/example/databases/(default)/documents/{path}");
    let document = |value: Option<Value>| value.map(|value| Document { name: name.clone(), fields: fields(value) });
    let (value, old_value) = (document(change.new), document(change.old));
    let (data, media_type) = match as_protobuf {
        true => (Bytes::from(DocumentEventData { value, old_value }.encode_to_vec()), "application/protobuf"),
        false => {
            let document = |document: Document| json!({"name": document.name, "fields": shown_fields(document.fields)});
            let data = json!({"value": value.map(document), "oldValue": old_value.map(document)});
            (Bytes::from(data.to_string()), "application/json")
        }
    };
    let r#type = format!("google.cloud.firestore.document.v1.{verb}");
    let source =
        change.source.unwrap_or_else(|| "//firestore.googleapis.com/projects/example/databases/(default)".to_owned());
    let mut event = CloudEvent::new(given(change.id), source, r#type, data);
    event.subject = Some(format!("documents/{path}"));
    event.time_text = change.time.map(time::rfc3339);
    event.data_content_type = Some(media_type.to_owned());
    event.extensions.insert("document".to_owned(), path);
    event
}

fn fields(value: Value) -> BTreeMap<String, Field> {
    match value {
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, field(value))).collect(),
        _ => BTreeMap::new(),
    }
}

fn field(value: Value) -> Field {
    let kind = match value {
        Value::Null => Kind::Null(0),
        Value::Bool(value) => Kind::Boolean(value),
        Value::Number(number) => match number.as_i64() {
            Some(integer) => Kind::Integer(integer),
            None => Kind::Double(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Kind::Text(text),
        Value::Array(list) => Kind::Array(List { values: list.into_iter().map(field).collect() }),
        value @ Value::Object(_) => Kind::Map(Fields { fields: fields(value) }),
    };
    Field { kind: Some(kind) }
}

fn shown_fields(fields: BTreeMap<String, Field>) -> Value {
    Value::Object(fields.into_iter().map(|(name, field)| (name, shown(field))).collect())
}

/// A value in protobuf's JSON.
fn shown(field: Field) -> Value {
    match field.kind {
        Some(Kind::Boolean(value)) => json!({"booleanValue": value}),
        Some(Kind::Integer(value)) => json!({"integerValue": value.to_string()}),
        Some(Kind::Double(value)) => json!({"doubleValue": value}),
        Some(Kind::Text(value)) => json!({"stringValue": value}),
        Some(Kind::Array(list)) => {
            json!({"arrayValue": {"values": list.values.into_iter().map(shown).collect::<Vec<_>>()}})
        }
        Some(Kind::Map(map)) => json!({"mapValue": {"fields": shown_fields(map.fields)}}),
        _ => json!({"nullValue": null}),
    }
}

/// The platform gives an id to every event.
fn given(id: Option<String>) -> String {
    id.unwrap_or_else(|| "1".to_owned())
}
