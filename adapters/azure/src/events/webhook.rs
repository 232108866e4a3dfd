//! Event Grid by webhook: events that are posted to `/_omnifn/<function>`, and its two handshakes.

use bytes::Bytes;
use http::{HeaderValue, Method, Response, header, request::Parts};
use omnifn_core::{
    Decoded, Delivery, Error, ErrorKind, Event, Payload, Record, Refusal, Spec,
    cloudevents::{self, Received},
    event::Class,
    json,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{blob, event_grid};
use crate::Azure;

/// The origin of Event Grid: <https://learn.microsoft.com/azure/event-grid/end-point-validation-cloud-events-schema>.
pub(crate) const EVENT_GRID: &str = "eventgrid.azure.net";

/// The header in which Event Grid declares what it posts. No publisher can set it.
const EVENT_TYPE: &str = "aeg-event-type";

/// The type of the event with which Event Grid asks for consent.
const VALIDATION: &str = "Microsoft.EventGrid.SubscriptionValidationEvent";

pub(crate) fn decode(azure: &Azure, head: &Parts, body: &Bytes, function: &'static Spec) -> Decoded {
    let handshake = azure.handshakes.answer(head).or_else(|| validation(azure, head, body));
    match handshake {
        Some(Ok(response)) => return Decoded::Answer(response),
        Some(Err(error)) => return Decoded::Refused(error.into()),
        None => {}
    }
    if head.method != Method::POST {
        let words = format!("received {} for the function `{}`, expected POST", head.method, function.name);
        let error = Error::new(ErrorKind::MethodNotAllowed, words).with_allow(HeaderValue::from_static("POST"));
        return Decoded::Refused(Refusal::from(error));
    }
    let mut invocation = azure.platform.invocation(&azure.host, &head.headers, &head.headers, None);
    invocation.raw = Some(body.clone());
    match events(head, body) {
        Ok(events) => {
            let records = events.map(move |event| record(event, function));
            Decoded::Delivery(Delivery::new(function, records, invocation))
        }
        Err(error) => Decoded::Refused(Refusal { error, invocation_id: invocation.id }),
    }
}

/// Answers the handshake of Event Grid's own schema, an event with a code that has to be sent back; `None` if this is another post.
///
/// An event of this type that a publisher sent is an event like any other: it arrives as a notification.
fn validation(azure: &Azure, head: &Parts, body: &Bytes) -> Option<Result<Response<Payload>, Error>> {
    match head.headers.get(EVENT_TYPE).map(HeaderValue::as_bytes) {
        Some(b"SubscriptionValidation") => {}
        None if has_validation(body) => {
            let words = format!(
                "a validation event needs the header {EVENT_TYPE}: SubscriptionValidation, which Event Grid sends"
            );
            return Some(Err(Error::new(ErrorKind::Decode, words)));
        }
        _ => return None,
    }
    Some(azure.handshakes.allow(EVENT_GRID).and_then(|()| {
        let answer = serde_json::json!({"validationResponse": validation_code(body)?}).to_string();
        let mut response = Response::new(Payload::Whole(answer.into()));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(response)
    }))
}

/// Whether a validation event is among the events of a body.
fn has_validation(body: &Bytes) -> bool {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Type {
        event_type: String,
    }
    let is_validation = |event: Bytes| {
        json::parse(&event).is_ok_and(|json::Object(event): json::Object<Type>| event.event_type == VALIDATION)
    };
    json::Elements::read(body.clone(), Delivery::RECORDS, "the list").is_ok_and(|mut events| events.any(is_validation))
}

fn validation_code(body: &Bytes) -> Result<String, Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Validation {
        event_type: String,
        data: json::Object<Code>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Code {
        validation_code: String,
    }
    let what = "the validation event of Event Grid";
    let alone = |error| {
        Error::new(ErrorKind::Decode, format!("{what} has to be the only one of its list"))
            .with_source(Error::into_boxed(error))
    };
    let mut list = json::Elements::read(body.clone(), 1, what).map_err(alone)?;
    let only =
        list.next().ok_or_else(|| Error::new(ErrorKind::Decode, format!("{what} is missing: the list is empty")))?;
    let json::Object(event): json::Object<Validation> = json::from_slice(&only, what)?;
    if event.event_type != VALIDATION {
        return Err(Error::new(ErrorKind::Decode, format!("expected one event of the type {VALIDATION}")));
    }
    Ok(event.data.0.validation_code)
}

/// The events of a post, which are decoded when they are needed.
type Events = Box<dyn Iterator<Item = Result<Received, Error>> + Send>;

fn events(head: &Parts, body: &Bytes) -> Result<Events, Error> {
    if let Some(mode) = cloudevents::mode(&head.headers)? {
        return Ok(Box::new(cloudevents::read(mode, &head.headers, body)?));
    }
    let what = "the list of events that Event Grid posts";
    let list = json::Elements::read(body.clone(), Delivery::RECORDS, what)?;
    let unknown =
        || Error::new(ErrorKind::Decode, "received an event in an unknown schema: expected one of Event Grid's");
    Ok(Box::new(list.map(move |event| {
        let event = json::parse::<&RawValue>(&event).ok().and_then(event_grid::event);
        event.unwrap_or_else(|| Err(unknown()))
    })))
}

fn record(received: Result<Received, Error>, function: &'static Spec) -> Record {
    event_grid::record(received, |event| match function.class() {
        Class::Event => Ok(Event::from(event)),
        Class::Storage => blob::of_grid(&event).map(Event::from),
        Class::Queue | Class::Topic | Class::Stream => Ok(Event::from(event_grid::message(event))),
        class => Err(Error::new(
            ErrorKind::Unsupported,
            format!("received an event of Event Grid, but this function takes {}", class.takes()),
        )),
    })
}
