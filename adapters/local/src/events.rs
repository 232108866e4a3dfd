//! Events by hand: everything that is posted to `/_omnifn/<function>` is an event of the function's class.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header, request::Parts};
use omnifn_core::{
    Decoded, Delivery, Error, ErrorKind, Event, Outcome, Payload, Record, Refusal, Reply, Spec, Trigger,
    cloudevents::{self, Received},
    event::{Change, ChangeKind, Class, CloudEvent, Json, Message, Object, ObjectChange, Tick},
    json::{self, Entries},
    log::{cut, cut_to},
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::value::RawValue;

use crate::{Local, context};

/// Reads the events that are posted to a function's path.
pub(crate) fn decode(local: &Local, request: Request<Payload>, function: &'static Spec) -> Decoded {
    let (head, payload) = request.into_parts();
    let refused = |error: Error| Decoded::Refused(Refusal::from(error));
    if head.method != Method::POST {
        let words = format!("received {} for the function `{}`, expected POST", head.method, function.name);
        return refused(Error::new(ErrorKind::MethodNotAllowed, words).with_allow(HeaderValue::from_static("POST")));
    }
    let Payload::Whole(body) = payload else {
        return refused(Error::new(ErrorKind::Config, "the body of the event was not read completely"));
    };
    match records(&head, &body, function) {
        Ok(records) => {
            let mut invocation = context::invocation(&head.headers, &head.extensions, local.trusted_hops);
            invocation.raw = Some(body);
            Decoded::Delivery(Delivery::new(function, records, invocation))
        }
        Err(error) => refused(error),
    }
}

fn records(head: &Parts, body: &Bytes, function: &'static Spec) -> Result<impl Iterator<Item = Record> + use<>, Error> {
    let (by_hand, events) = match cloudevents::mode(&head.headers)? {
        Some(mode) => (None, Some(cloudevents::read(mode, &head.headers, body)?)),
        None => (Some(Ok(Received::from(by_hand(head, body, function)?))), None),
    };
    Ok(by_hand.into_iter().chain(events.into_iter().flatten()).map(move |received| {
        let (event, warning) = match received {
            Ok(Received { event, warning, .. }) => (read(event, function), warning),
            Err(error) => (Err(error), None),
        };
        let id = event.as_ref().ok().and_then(|event| event.id().map(str::to_owned));
        let mut record = Record::new(event);
        (record.id, record.warning) = (id, warning);
        record
    }))
}

/// Returns a CloudEvent with the attributes of a query: `?id=7&subject=cat.jpg&color=red`.
fn by_hand(head: &Parts, body: &Bytes, function: &Spec) -> Result<CloudEvent, Error> {
    let query = head.uri.query().unwrap_or_default();
    if query.split('&').count() > Entries::LIMIT {
        let text = format!("too many query parameters: expected at most {}", Entries::LIMIT);
        return Err(Error::new(ErrorKind::Decode, text));
    }
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
    let mut fields: BTreeMap<String, String> = pairs.into_iter().collect();
    let mut event = CloudEvent::new("", "local", function.source().unwrap_or_default(), body.clone());
    event.id = fields.remove("id").unwrap_or_default();
    if let Some(source) = fields.remove("source") {
        event.source = source;
    }
    if let Some(kind) = fields.remove("type") {
        event.r#type = kind;
    }
    event.subject = fields.remove("subject");
    event.time_text = fields.remove("time");
    let media_type = head.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    // The media type that `curl -d` sends by default does not describe the body.
    event.data_content_type =
        media_type.filter(|media| *media != "application/x-www-form-urlencoded").map(str::to_owned);
    event.extensions = fields;
    Ok(event)
}

/// Returns the event as the function declares it.
fn read(event: CloudEvent, function: &Spec) -> Result<Event, Error> {
    let id = Some(event.id.clone()).filter(|id| !id.is_empty());
    let at = event.time();
    match function.trigger {
        Trigger::Event(_) => Ok(Event::from(event)),
        Trigger::Queue(source) | Trigger::Topic(source) | Trigger::Stream(source) => {
            let mut extensions = event.extensions;
            let mut message = Message::new(event.data);
            message.id = id;
            message.source = Some(source.to_owned());
            message.time = at;
            message.subject = event.subject;
            message.content_type = event.data_content_type;
            message.key = extensions.remove("key");
            message.sequence = extensions.remove("sequence");
            message.partition = extensions.remove("partition");
            message.attempt = number(&mut extensions, "attempt")?;
            message.attributes = extensions;
            Ok(Event::from(message))
        }
        Trigger::Storage(trigger) => {
            let mut extensions = event.extensions;
            let key = extensions.remove("key").or(event.subject).ok_or_else(|| {
                let path = format!("/_omnifn/{}?key=cat.jpg", function.name);
                Error::new(ErrorKind::Decode, format!("missing object key: post to {path}"))
            })?;
            let word = extensions.remove("change").unwrap_or_else(|| "created".to_owned());
            let change = ObjectChange::ALL.into_iter().find(|change| change.name() == word).ok_or_else(|| {
                Error::new(
                    ErrorKind::Decode,
                    format!(
                        "expected `created`, `deleted`, `archived`, or `updated` for `change`, received {:?}",
                        cut(&word)
                    ),
                )
            })?;
            let mut object =
                Object::new(change, extensions.remove("bucket").unwrap_or_else(|| trigger.bucket.to_owned()), key);
            object.id = id;
            object.time = at;
            object.etag = extensions.remove("etag");
            object.version = extensions.remove("version");
            object.sequence = extensions.remove("sequence");
            object.size = number(&mut extensions, "size")?;
            object.content_type = event.data_content_type;
            object.metadata = extensions;
            if !event.data.is_empty() {
                object.size.get_or_insert(event.data.len() as u64);
                object.content = Some(event.data);
            }
            Ok(Event::from(object))
        }
        Trigger::Schedule(_) => {
            let mut tick = Tick::new();
            tick.id = id;
            tick.scheduled = at;
            tick.input = event.data;
            Ok(Event::from(tick))
        }
        Trigger::Changes(table) => change(event, table, id, at).map(Event::from),
        _ => Err(Error::new(ErrorKind::Unsupported, format!("`{}` takes {}", function.name, Class::Http.takes()))),
    }
}

/// Reads `{"old": …, "new": …, "key": …}`, or only a record, which is new.
fn change(
    event: CloudEvent,
    table: &str,
    id: Option<String>,
    at: Option<std::time::SystemTime>,
) -> Result<Change<Json>, Error> {
    /// `null` is a value, too.
    fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
        <&RawValue>::deserialize(deserializer).map(Some)
    }
    #[derive(Default, Deserialize)]
    #[serde(default)]
    struct Pair<'a> {
        #[serde(borrow, deserialize_with = "present")]
        old: Option<&'a RawValue>,
        #[serde(borrow, deserialize_with = "present")]
        new: Option<&'a RawValue>,
        #[serde(borrow, deserialize_with = "present")]
        key: Option<&'a RawValue>,
    }
    let whole: &RawValue = json::from_slice(&event.data, "the change of a record (`{\"old\": …, \"new\": …}`)")?;
    let pair: Option<json::Object<Pair<'_>>> = json::parse_str(whole.get()).ok();
    let pair = pair.filter(|pair| pair.old.is_some() || pair.new.is_some());
    let part = |part: &RawValue| Json::new(json::slice(&event.data, part.get().as_bytes()));
    let (old, new, key) = match &pair {
        Some(json::Object(pair)) => (pair.old, pair.new, pair.key),
        None => (None, Some(whole), None),
    };
    let is_record = |part: &&RawValue| part.get() != "null" || pair.is_none();
    let (old, new, key) = (old.filter(is_record), new.filter(is_record), key.filter(is_record));
    let kind =
        event.extensions.get("kind").and_then(|word| ChangeKind::ALL.into_iter().find(|kind| kind.name() == word));
    let kind = kind.unwrap_or(match (&old, &new) {
        (None, Some(_)) => ChangeKind::Inserted,
        (Some(_), Some(_)) => ChangeKind::Updated,
        (Some(_), None) => ChangeKind::Deleted,
        (None, None) => ChangeKind::Written,
    });
    let mut change = Change::new(kind, old.map(part), new.map(part));
    change.key = key.map(|key| Json::key(key.get().as_bytes())).transpose()?;
    change.id = id;
    change.source = Some(table.to_owned());
    change.time = at;
    change.sequence = event.extensions.get("sequence").cloned();
    Ok(change)
}

fn number<T: std::str::FromStr>(fields: &mut BTreeMap<String, String>, name: &str) -> Result<Option<T>, Error> {
    let Some(text) = fields.remove(name) else { return Ok(None) };
    let invalid =
        || Error::new(ErrorKind::Decode, format!("expected a number for `{name}`, received {:?}", cut(&text)));
    text.parse().map(Some).map_err(|_| invalid())
}

/// The number of failures of a delivery that the response describes.
const DESCRIBED: usize = 100;

/// The longest description, in bytes.
const DESCRIPTION: usize = 2048;

/// The outcome of a record in the response.
#[derive(Serialize)]
struct Shown {
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Returns the outcome of each record, in human-readable form. Only the first failures are described.
pub(crate) fn encode(outcomes: Vec<Outcome>) -> Response<Payload> {
    let mut described = 0..DESCRIBED;
    let shown = outcomes.iter().map(|outcome| match outcome {
        Outcome::Done => Shown { outcome: "done", name: None, error: None },
        Outcome::Filtered => Shown { outcome: "filtered", name: None, error: None },
        Outcome::Failed(error) => Shown {
            outcome: error.class().name(),
            name: Some(error.name()),
            error: described.next().map(|_| cut_to(&error.to_string(), DESCRIPTION).to_owned()),
        },
        Outcome::NotStarted => Shown { outcome: "not started", name: None, error: None },
    });
    let mut text = b"{\"records\":[".to_vec();
    for (index, shown) in shown.enumerate() {
        if index > 0 {
            text.push(b',');
        }
        text.extend_from_slice(&json::to_bytes(&shown));
    }
    text.extend_from_slice(b"]}\n");
    let status = match Reply::Delivered(outcomes).status() {
        StatusCode::NO_CONTENT => StatusCode::OK,
        status => status,
    };
    let mut response = Response::new(Payload::from(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
