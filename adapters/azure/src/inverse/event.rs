//! Events as the host posts them, and as Event Grid does.
//!
//! The assumptions that the decoder and the inverse share are taken from these sources:
//!
//! - bytes, times, objects, and all other values of `Data` and `Metadata`: `ScriptInvocationContextExtensions` in
//!   <https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Workers/ScriptInvocationContextExtensions.cs>;
//! - the names of metadata: `CreateBindingData` and `AddBindingData` of each trigger in <https://github.com/Azure/azure-sdk-for-net>
//!   (`sdk/storage/Microsoft.Azure.WebJobs.Extensions.Storage.*`, `sdk/servicebus/Microsoft.Azure.WebJobs.Extensions.ServiceBus`,
//!   `sdk/eventhub/Microsoft.Azure.WebJobs.Extensions.EventHubs`);
//! - a timer, and its retries: a running host, 4.1045;
//! - events of Event Grid: <https://learn.microsoft.com/azure/event-grid/event-schema-blob-storage> and
//!   <https://learn.microsoft.com/azure/event-grid/cloud-event-schema>.
//!
//! No source was found for the change feed of Cosmos DB in an envelope; docs/azure.md lists it.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use omnifn_core::{
    Error, ErrorKind, Event, Spec, cloudevents,
    event::{Change, Class, CloudEvent, Message, Object, ObjectChange, Tick, time},
};
use serde_json::{Value, json};

use crate::events::envelope::BINARY;

/// The shapes of each class.
pub(super) fn shapes(class: Class) -> &'static [&'static str] {
    match class {
        Class::Queue => &["storage-queue", "service-bus", "service-bus-many"],
        Class::Topic => &["service-bus", "service-bus-many", "event-grid"],
        Class::Stream => &["event-hub", "event-hub-many"],
        Class::Storage => &["blob", "event-grid"],
        Class::Schedule => &["timer"],
        Class::Event => &["event-grid", "event-grid-cloudevent", "webhook", "webhook-cloudevent"],
        Class::Changes => &["cosmos"],
        _ => &[],
    }
}

pub(super) fn write(shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
    if let "webhook" | "webhook-cloudevent" = shape {
        return webhook(shape, function, events);
    }
    let (data, metadata) = match shape {
        "service-bus-many" => many(&messages(events)?, service_bus_array),
        "event-hub-many" => many(&messages(events)?, event_hub_array),
        "cosmos" => (Value::String(Value::String(Value::Array(documents(events)?).to_string()).to_string()), json!({})),
        _ => {
            let mut events = events.into_iter();
            let (Some(event), None) = (events.next(), events.next()) else { return Err(mismatch(shape, "one event")) };
            one(shape, event)?
        }
    };
    let mut metadata = metadata;
    metadata["sys"] = json!({"MethodName": function.name, "UtcNow": "2026-11-23T05:42:33.1632009Z", "RandGuid": "2b0cbf62-5eb2-4e1b-8cf2-5d5d3cbd6b1d"});
    let name = match shape {
        "storage-queue" | "service-bus" | "service-bus-many" | "event-hub" | "event-hub-many" => BINARY,
        _ => "item",
    };
    let envelope = json!({"Data": {name: data}, "Metadata": metadata});
    let mut request = Request::post(format!("/{}", function.name)).body(Bytes::from(envelope.to_string()))?;
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    super::write::sign(request.headers_mut());
    Ok(request)
}

/// The host takes a success as one of all; after a failure, all come again.
pub(super) fn outcomes(message: &Request<Bytes>, reply: &Response<Bytes>) -> Result<Vec<bool>, Error> {
    let is_webhook = message.uri().path().starts_with("/_omnifn/");
    if reply.status().is_success() && !is_webhook && matches!(reply.body().trim_ascii(), b"" | b"null") {
        return Err(Error::new(ErrorKind::Decode, "an empty reply: the host waits until the function times out"));
    }
    Ok(vec![reply.status().is_success(); count(message.body())])
}

fn count(body: &Bytes) -> usize {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    if let Value::Array(list) = &value {
        return list.len();
    }
    let data = value.get("Data").and_then(Value::as_object).and_then(|data| data.values().next());
    let Some(Value::String(text)) = data else { return 1 };
    let inner: Value = serde_json::from_str(text).unwrap_or_default();
    let inner = inner.as_str().map(|text| serde_json::from_str(text).unwrap_or_default()).unwrap_or(inner);
    inner.as_array().map_or(1, Vec::len)
}

fn webhook(shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
    let events: Vec<CloudEvent> = events.into_iter().map(cloud_event).collect::<Result<_, _>>()?;
    let (body, media_type) = match shape {
        "webhook" => {
            let list = events.into_iter().map(grid).collect::<Result<Vec<_>, _>>()?;
            (Bytes::from(Value::Array(list).to_string()), "application/json; charset=utf-8")
        }
        _ => (cloudevents::write_batch(&events), "application/cloudevents-batch+json; charset=utf-8"),
    };
    let mut request = Request::post(format!("/_omnifn/{}", function.name)).body(body)?;
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    request.headers_mut().insert("aeg-event-type", HeaderValue::from_static("Notification"));
    Ok(request)
}

fn one(shape: &str, event: Event) -> Result<(Value, Value), Error> {
    Ok(match (shape, event) {
        ("storage-queue", Event::Message(message)) => {
            let mut metadata = json!({"PopReceipt": text("receipt")});
            put(&mut metadata, "Id", message.id.map(|id| text(&id)));
            put(&mut metadata, "DequeueCount", message.attempt.map(number));
            put(&mut metadata, "InsertionTime", message.time.map(|at| format!("{}+00:00", clock(at)).into()));
            (body(&message.body), metadata)
        }
        ("service-bus", Event::Message(message)) => service_bus(*message),
        ("event-hub", Event::Message(message)) => event_hub(*message),
        ("event-grid", Event::Message(message)) => (grid(published(*message))?, json!({})),
        ("blob", Event::Object(object)) => blob(*object),
        ("event-grid", Event::Object(object)) => (grid(stored(*object))?, json!({})),
        ("timer", Event::Tick(tick)) => timer(&tick),
        ("event-grid", Event::Cloud(event)) => (grid(*event)?, json!({})),
        ("event-grid-cloudevent", Event::Cloud(event)) => {
            (serde_json::from_slice(&cloudevents::write_structured(&event)).unwrap_or_default(), json!({}))
        }
        (_, event) => return Err(mismatch(shape, event.what())),
    })
}

/// A text as the host writes one: JSON, in a text.
fn text(text: &str) -> Value {
    Value::String(Value::String(text.to_owned()).to_string())
}

fn number(number: impl ToString) -> Value {
    Value::String(number.to_string())
}

/// A `DateTime` without its zone, as the host writes one that is not in a list: it formats and parses it, so fractions of seconds are lost.
fn clock(at: std::time::SystemTime) -> String {
    let text = time::rfc3339(at);
    text.split(['.', 'Z']).next().unwrap_or_default().to_owned()
}

/// The `DateTime` of a message in a list, which has no zone either.
fn listed(message: &Message) -> Option<String> {
    message.time.map(|at| time::rfc3339(at).trim_end_matches('Z').to_owned())
}

/// The body of a message, as the host writes it of a binding with `"dataType": "binary"`.
fn body(bytes: &Bytes) -> Value {
    base64_simd::STANDARD.encode_to_string(bytes).into()
}

fn put(metadata: &mut Value, name: &str, value: Option<Value>) {
    if let Some(value) = value {
        metadata[name] = value;
    }
}

fn service_bus(message: Message) -> (Value, Value) {
    // Both names are written (`ServiceBusTriggerBindingStrategy`).
    let mut metadata = json!({"ApplicationProperties": message.attributes, "UserProperties": message.attributes});
    put(&mut metadata, "MessageId", message.id.map(|id| text(&id)));
    put(&mut metadata, "SequenceNumber", message.sequence.map(number));
    put(&mut metadata, "DeliveryCount", message.attempt.map(number));
    put(&mut metadata, "ContentType", message.content_type.map(|media| text(&media)));
    put(&mut metadata, "SessionId", message.key.map(|key| text(&key)));
    put(&mut metadata, "Label", message.subject.as_deref().map(text));
    put(&mut metadata, "Subject", message.subject.as_deref().map(text));
    put(&mut metadata, "EnqueuedTimeUtc", message.time.map(|at| clock(at).into()));
    (body(&message.body), metadata)
}

fn event_hub(message: Message) -> (Value, Value) {
    let mut metadata =
        json!({"Properties": message.attributes, "SystemProperties": system(&message), "Offset": text("3696")});
    put(&mut metadata, "SequenceNumber", message.sequence.map(number));
    put(&mut metadata, "PartitionKey", message.key.map(|key| text(&key)));
    put(&mut metadata, "EnqueuedTimeUtc", message.time.map(|at| clock(at).into()));
    metadata["PartitionContext"] = context(message.partition, message.source);
    (body(&message.body), metadata)
}

/// The properties of the system, with the host's copies of other metadata (`GetSystemPropertiesForBinding`).
fn system(message: &Message) -> Value {
    json!({
        "SequenceNumber": message.sequence.as_deref().and_then(|sequence| sequence.parse::<i64>().ok()),
        "Offset": 3696,
        "OffsetString": "3696",
        "PartitionKey": message.key,
        "EnqueuedTimeUtc": listed(message),
    })
}

fn context(partition: Option<String>, hub: Option<String>) -> Value {
    let mut context = json!({"ConsumerGroup": "$Default"});
    put(&mut context, "PartitionId", partition.map(Value::from));
    put(&mut context, "EventHubName", hub.map(Value::from));
    context
}

fn messages(events: Vec<Event>) -> Result<Vec<Message>, Error> {
    let messages = events.into_iter().map(|event| match event {
        Event::Message(message) => Ok(*message),
        other => Err(mismatch("many", other.what())),
    });
    messages.collect()
}

/// A batch: the bodies as one list, and each thing that is known of them as another, all in texts.
fn many(messages: &[Message], arrays: fn(&[Message]) -> Value) -> (Value, Value) {
    let bodies: Vec<_> = messages.iter().map(|message| body(&message.body)).collect();
    (Value::String(json!(bodies).to_string()), arrays(messages))
}

fn array<T: serde::Serialize>(messages: &[Message], of: impl Fn(&Message) -> T) -> Value {
    Value::String(json!(messages.iter().map(of).collect::<Vec<_>>()).to_string())
}

fn service_bus_array(messages: &[Message]) -> Value {
    let count = |message: &Message| message.sequence.as_deref().and_then(|sequence| sequence.parse::<i64>().ok());
    json!({
        "MessageIdArray": array(messages, |message| message.id.clone()),
        "SequenceNumberArray": array(messages, count),
        "DeliveryCountArray": array(messages, |message| message.attempt),
        "ContentTypeArray": array(messages, |message| message.content_type.clone()),
        "SessionIdArray": array(messages, |message| message.key.clone()),
        "SubjectArray": array(messages, |message| message.subject.clone()),
        "EnqueuedTimeUtcArray": array(messages, listed),
        "ApplicationPropertiesArray": array(messages, |message| message.attributes.clone()),
        "UserPropertiesArray": array(messages, |message| message.attributes.clone()),
    })
}

fn event_hub_array(messages: &[Message]) -> Value {
    let count = |message: &Message| message.sequence.as_deref().and_then(|sequence| sequence.parse::<i64>().ok());
    let first = messages.first();
    json!({
        "SequenceNumberArray": array(messages, count),
        "PartitionKeyArray": array(messages, |message| message.key.clone()),
        "EnqueuedTimeUtcArray": array(messages, listed),
        "PropertiesArray": array(messages, |message| message.attributes.clone()),
        "SystemPropertiesArray": array(messages, system),
        "PartitionContext": context(first.and_then(|message| message.partition.clone()), first.and_then(|message| message.source.clone())),
    })
}

fn blob(object: Object) -> (Value, Value) {
    let uri = address(&object);
    // `Azure.Storage.Blobs.Models.BlobProperties`, whose `ETag` Newtonsoft writes without its text.
    let mut properties = json!({"ETag": {}});
    put(&mut properties, "ContentType", object.content_type.map(Value::from));
    put(&mut properties, "VersionId", object.version.map(Value::from));
    put(&mut properties, "ContentLength", object.size.map(Value::from));
    put(&mut properties, "LastModified", object.time.map(|at| format!("{}+00:00", clock(at)).into()));
    let metadata =
        json!({"Uri": text(&uri), "Properties": properties, "Metadata": object.metadata, "name": text(&object.key)});
    (base64_simd::STANDARD.encode_to_string(object.content.unwrap_or_default()).into(), metadata)
}

/// The address of a blob, which is encoded.
fn address(object: &Object) -> String {
    let key = percent_encoding::utf8_percent_encode(&object.key, percent_encoding::NON_ALPHANUMERIC);
    format!("https://example.blob.core.windows.net/{}/{}", object.bucket, key.to_string().replace("%2F", "/"))
}

/// The subject has the name as it is (https://github.com/Azure-Samples/azure-event-grid-viewer/issues/9), and the address is encoded.
fn stored(object: Object) -> CloudEvent {
    let kind = match object.change {
        ObjectChange::Deleted => "Microsoft.Storage.BlobDeleted",
        ObjectChange::Archived => "Microsoft.Storage.BlobTierChanged",
        _ => "Microsoft.Storage.BlobCreated",
    };
    let mut data = json!({"api": "PutBlob", "url": address(&object)});
    put(&mut data, "contentLength", object.size.map(Value::from));
    put(&mut data, "contentType", object.content_type.map(Value::from));
    put(&mut data, "eTag", object.etag.map(Value::from));
    put(&mut data, "sequencer", object.sequence.map(Value::from));
    let source = "/subscriptions/0/resourceGroups/example/providers/Microsoft.Storage/storageAccounts/example";
    let mut event = CloudEvent::new(given(object.id), source, kind, Bytes::from(data.to_string()));
    event.subject = Some(format!("/blobServices/default/containers/{}/blobs/{}", object.bucket, object.key));
    event.time_text = object.time.map(time::rfc3339);
    event
}

fn published(message: Message) -> CloudEvent {
    let mut event = CloudEvent::new(
        given(message.id),
        message.source.unwrap_or_default(),
        message.attributes.get("type").cloned().unwrap_or_default(),
        message.body,
    );
    event.subject = message.subject;
    event.time_text = message.time.map(time::rfc3339);
    event
}

fn timer(tick: &Tick) -> (Value, Value) {
    let data =
        json!({"Schedule": {"AdjustForDST": true}, "ScheduleStatus": null, "IsPastDue": tick.late.unwrap_or_default()});
    let retry = tick.attempt.map(|attempt| json!({"RetryCount": attempt.saturating_sub(1), "MaxRetryCount": 5}));
    let mut metadata = json!({});
    put(&mut metadata, "RetryContext", retry);
    (data, metadata)
}

/// An event in Event Grid's own schema, whose data is JSON.
fn grid(event: CloudEvent) -> Result<Value, Error> {
    let data: Option<Value> = match event.data.is_empty() {
        true => None,
        false => {
            Some(serde_json::from_slice(&event.data).map_err(|_| mismatch("event-grid", "data that is not JSON"))?)
        }
    };
    let mut wire = json!({
        "id": event.id,
        "topic": event.source,
        "subject": event.subject.unwrap_or_default(),
        "eventType": event.r#type,
        "dataVersion": event.extensions.get("dataversion").cloned().unwrap_or_default(),
        "metadataVersion": "1",
    });
    put(&mut wire, "data", data);
    put(&mut wire, "eventTime", event.time_text.map(Value::from));
    Ok(wire)
}

fn documents(events: Vec<Event>) -> Result<Vec<Value>, Error> {
    let documents = events.into_iter().map(|event| {
        let what = event.what();
        match event {
            Event::Change(change) => document(change.read()?).ok_or_else(|| mismatch("cosmos", what)),
            _ => Err(mismatch("cosmos", what)),
        }
    });
    documents.collect()
}

fn document(change: Change<Value>) -> Option<Value> {
    let Change { new, time: at, sequence, .. } = change;
    let mut new = new?;
    put(&mut new, "_ts", at.map(|at| (time::to_millis(at) / 1000).into()));
    put(&mut new, "_lsn", sequence.and_then(|lsn| lsn.parse::<i64>().ok()).map(Value::from));
    Some(new)
}

fn cloud_event(event: Event) -> Result<CloudEvent, Error> {
    match event {
        Event::Cloud(event) => Ok(*event),
        other => Err(mismatch("webhook", other.what())),
    }
}

fn mismatch(shape: &str, what: &str) -> Error {
    Error::new(ErrorKind::Unsupported, format!("the shape {shape:?} does not carry this: {what}"))
}

/// The platform gives an id to every event.
fn given(id: Option<String>) -> String {
    id.unwrap_or_else(|| "1".to_owned())
}
