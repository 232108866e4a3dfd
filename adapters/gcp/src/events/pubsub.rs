//! Messages of Pub/Sub: pushed in an envelope, pushed as they are, or in a CloudEvent.

use bytes::Bytes;
use http::HeaderMap;
use omnifn_core::{
    Error, ErrorKind, Event, Record, Spec, TraceContext,
    event::{Class, CloudEvent, Message, Tick, time},
    json::{self, Entries, Object, Str},
};
use serde::Deserialize;
use serde_json::json;

use super::{
    eventarc::{PUBLISHED, mismatch},
    storage, text,
};

/// OpenTelemetry's name of Pub/Sub.
pub(super) const SYSTEM: &str = "gcp_pubsub";

/// A message, and the data of its delivery.
pub(super) struct Published {
    message: Message,
    subscription: Option<String>,
    /// The envelope, for a function that takes it as the data of a CloudEvent.
    envelope: Option<Bytes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Push<'a> {
    #[serde(borrow)]
    message: Object<Wire<'a>>,
    subscription: Option<String>,
    delivery_attempt: Option<u32>,
}

/// A message may have both spellings of a name at once.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire<'a> {
    #[serde(borrow)]
    data: Option<Str<'a>>,
    attributes: Option<Entries<String>>,
    message_id: Option<String>,
    #[serde(rename = "message_id")]
    snake_message_id: Option<String>,
    #[serde(borrow)]
    publish_time: Option<Str<'a>>,
    #[serde(borrow, rename = "publish_time")]
    snake_publish_time: Option<Str<'a>>,
    ordering_key: Option<String>,
}

/// Returns a push in its envelope, `None` if the body is not one: JSON with an object `message` and a string `subscription`.
pub(super) fn push(body: &Bytes) -> Option<Result<Published, Error>> {
    #[derive(Deserialize)]
    struct Message {}
    #[derive(Deserialize)]
    struct Probe<'a> {
        #[serde(rename = "message")]
        _message: Object<Message>,
        #[serde(borrow, rename = "subscription")]
        _subscription: Str<'a>,
    }
    json::parse::<Object<Probe<'_>>>(body).ok().map(|_| published(body))
}

/// Reads the envelope of a push, which a CloudEvent of Pub/Sub has as its data.
pub(super) fn published(body: &Bytes) -> Result<Published, Error> {
    let push: Push<'_> = json::object(body, "this push of Pub/Sub")?;
    let Object(wire) = push.message;
    let data = base64_simd::STANDARD
        .decode_to_vec(wire.data.unwrap_or_default().as_bytes())
        .map_err(|_| Error::new(ErrorKind::Decode, "`message.data` of this push of Pub/Sub is not valid base64"))?;
    let mut message = Message::new(Bytes::from(data));
    message.id = wire.message_id.or(wire.snake_message_id);
    message.time = wire.publish_time.or(wire.snake_publish_time).as_deref().and_then(time::parse);
    message.attributes = wire.attributes.unwrap_or_default().0;
    message.key = wire.ordering_key.filter(|key| !key.is_empty());
    message.attempt = push.delivery_attempt;
    message.source.clone_from(&push.subscription);
    // https://cloud.google.com/pubsub/docs/payload-unwrapping publishes it as `Content-Type`.
    let media_type = message.attributes.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    message.content_type = media_type.map(|(_, value)| value.clone());
    Ok(Published { message, subscription: push.subscription, envelope: Some(body.clone()) })
}

impl Published {
    /// Completes the message with data of the CloudEvent around it.
    pub(super) fn of(mut self, event: &CloudEvent) -> Self {
        self.message.id.get_or_insert_with(|| event.id.clone());
        self.message.source.get_or_insert_with(|| event.source.clone());
        if self.message.time.is_none() {
            self.message.time = event.time();
        }
        self
    }
}

/// Reads a message that was pushed without its envelope, and with its metadata as headers.
pub(super) fn unwrapped(headers: &HeaderMap, body: &Bytes) -> Published {
    let mut message = Message::new(body.clone());
    message.id = text(headers, "x-goog-pubsub-message-id");
    message.time = text(headers, "x-goog-pubsub-publish-time").as_deref().and_then(time::parse);
    message.key = text(headers, "x-goog-pubsub-ordering-key").filter(|key| !key.is_empty());
    let subscription = text(headers, "x-goog-pubsub-subscription-name");
    message.source.clone_from(&subscription);
    // An attribute `Content-Type` replaces the media type that Pub/Sub sends otherwise, which does not describe the body.
    message.content_type =
        text(headers, "content-type").filter(|media_type| media_type != "application/x-www-form-urlencoded");
    // Every other header is an attribute, but for those of HTTP and of the proxies in front.
    let pairs = headers.iter().filter(|(name, _)| !is_of_transport(name.as_str()));
    let pairs = pairs.filter_map(|(name, value)| Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned())));
    message.attributes = pairs.collect();
    Published { message, subscription, envelope: None }
}

fn is_of_transport(name: &str) -> bool {
    const NAMES: [&str; 14] = [
        "host",
        "user-agent",
        "accept",
        "accept-encoding",
        "content-type",
        "content-length",
        "connection",
        "forwarded",
        "authorization",
        "traceparent",
        "tracestate",
        "transfer-encoding",
        "via",
        "from",
    ];
    NAMES.contains(&name)
        || ["x-goog-", "x-forwarded-", "x-cloud-", "function-"].iter().any(|start| name.starts_with(start))
}

/// Converts the message into the event that the function declares.
pub(super) fn record(published: Published, function: &Spec) -> Record {
    let id = published.message.id.clone();
    let attributes = &published.message.attributes;
    let trace = attributes.get("googclient_traceparent").or_else(|| attributes.get("traceparent"));
    let trace = trace.and_then(|text| TraceContext::from_traceparent(text));
    let mut record = Record::new(event(published, function));
    record.id = id;
    record.trace = trace;
    record
}

fn event(published: Published, function: &Spec) -> Result<Event, Error> {
    let Published { message, subscription, envelope } = published;
    match function.class() {
        Class::Queue | Class::Topic | Class::Stream => Ok(Event::from(message)),
        Class::Storage => storage::of_notification(&message).map(Event::from),
        Class::Schedule => {
            let mut tick = Tick::new();
            tick.id = message.id;
            tick.source = message.source;
            tick.scheduled = message.time;
            tick.attempt = message.attempt;
            tick.input = message.body;
            Ok(Event::from(tick))
        }
        Class::Event => Ok(Event::from(as_cloud_event(message, subscription, envelope))),
        class => Err(mismatch("a message of Pub/Sub", class)),
    }
}

/// Converts the message into the CloudEvent that Eventarc would send.
fn as_cloud_event(message: Message, subscription: Option<String>, envelope: Option<Bytes>) -> CloudEvent {
    let data = envelope.unwrap_or_else(|| {
        let data = json!({
            "message": {
                "data": base64_simd::STANDARD.encode_to_string(&message.body),
                "attributes": message.attributes,
                "messageId": message.id,
            },
            "subscription": subscription,
        });
        data.to_string().into()
    });
    let source = format!("//pubsub.googleapis.com/{}", subscription.unwrap_or_default());
    let mut event = CloudEvent::new(message.id.unwrap_or_default(), source, PUBLISHED, data);
    event.time_text = message.time.map(time::rfc3339);
    event.data_content_type = Some("application/json".to_owned());
    event
}
