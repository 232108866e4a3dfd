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

pub(crate) fn decode(azure: &Azure, head: &Parts, body: &Bytes, function: &'static Spec) -> Decoded {
    if head.method == Method::OPTIONS
        && let Some(origin) = head.headers.get("webhook-request-origin")
    {
        let mut response = Response::new(Payload::default());
        response.headers_mut().insert("webhook-allowed-origin", origin.clone());
        response.headers_mut().insert("webhook-allowed-rate", HeaderValue::from_static("*"));
        return Decoded::Answer(response);
    }
    if head.method != Method::POST {
        let words = format!("events are posted, and {} came for the function `{}`", head.method, function.name);
        let error = Error::new(ErrorKind::MethodNotAllowed, words).with_allow(HeaderValue::from_static("POST"));
        return Decoded::Refused(Refusal::from(error));
    }
    if let Some(code) = validation_code(body) {
        let answer = serde_json::json!({"validationResponse": code}).to_string();
        let mut response = Response::new(Payload::Whole(answer.into()));
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        return Decoded::Answer(response);
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

/// The code of the handshake of Event Grid's own schema, which has to be sent back.
fn validation_code(body: &Bytes) -> Option<String> {
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
    // Event Grid posts it alone. Beside other events, it would acknowledge them.
    let only = json::Elements::read(body.clone(), 1, "").ok()?.next()?;
    let json::Object(first): json::Object<Validation> = json::parse(&only).ok()?;
    (first.event_type == "Microsoft.EventGrid.SubscriptionValidationEvent").then_some(first.data.0.validation_code)
}

/// The events of a post, which are decoded when they are needed.
type Events = Box<dyn Iterator<Item = Result<Received, Error>> + Send>;

fn events(head: &Parts, body: &Bytes) -> Result<Events, Error> {
    if let Some(mode) = cloudevents::mode(&head.headers)? {
        return Ok(Box::new(cloudevents::read(mode, &head.headers, body)?));
    }
    let what = "the list of events that Event Grid posts";
    let list = json::Elements::read(body.clone(), Delivery::RECORDS, what)?;
    let unknown = || Error::new(ErrorKind::Decode, "an event came that is in no schema of Event Grid");
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
            format!("an event of Event Grid came, and this function takes {}", class.takes()),
        )),
    })
}
