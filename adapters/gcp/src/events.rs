//! Events that are posted: CloudEvents, pushes of Pub/Sub, jobs, tasks, and what older functions get.

mod cloud;
pub(crate) mod firestore;
pub(crate) mod legacy;
mod plain;
mod pubsub;
mod storage;

use http::{Method, Request, Response, StatusCode, request::Parts};
use omnifn_core::{
    Decoded, Delivery, Error, ErrorKind, Invocation, Outcome, Payload, Record, Refusal, Reply, Spec,
    cloudevents::{self, Attributes, Mode},
    direct,
};

use crate::Gcp;

/// How events are read and answered, where a program has functions for them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Events {
    pub(crate) decode: fn(&Gcp, Request<Payload>, &'static Spec) -> Decoded,
    pub(crate) encode: fn(Vec<Outcome>) -> Response<Payload>,
}

pub(crate) const EVENTS: Events = Events { decode, encode };

/// Says what became of the events.
fn encode(outcomes: Vec<Outcome>) -> Response<Payload> {
    let mut failed = outcomes.iter().filter(|outcome| !outcome.is_acknowledged());
    let status = failed.find_map(|outcome| outcome.error().map(crate::http::of_event));
    let mut response = Reply::Delivered(outcomes).into_http();
    crate::http::set_status(&mut response, status);
    response
}

/// Reads the events of a request to a function's path.
fn decode(gcp: &Gcp, request: Request<Payload>, function: &'static Spec) -> Decoded {
    let (head, payload) = request.into_parts();
    match head.method {
        Method::POST => {}
        Method::OPTIONS if head.headers.contains_key("webhook-request-origin") => {
            return Decoded::Answer(handshake(&head));
        }
        ref method => {
            let words = format!("events are posted, and {method} came for the function `{}`", function.name);
            let allow = http::HeaderValue::from_static("POST");
            return Decoded::Refused(Error::new(ErrorKind::MethodNotAllowed, words).with_allow(allow).into());
        }
    }
    let Payload::Whole(body) = payload else {
        return Decoded::Refused(Error::new(ErrorKind::Config, "the event was not read whole").into());
    };
    let request = direct::receive(Request::from_parts(head, Payload::default()));
    let (head, _) = request.into_parts();
    let mut invocation = gcp.platform.invocation(&head.headers);
    invocation.raw = Some(body.clone());
    match records(&head, &body, function, &mut invocation) {
        Ok(records) => Decoded::Delivery(Delivery { function, records, invocation }.into()),
        Err(error) => Decoded::Refused(Refusal { error, invocation_id: invocation.id }),
    }
}

/// The records, by what is surest: what says that it is a CloudEvent, what has the keys of a push, what has headers of its own.
fn records(
    head: &Parts,
    body: &bytes::Bytes,
    function: &Spec,
    invocation: &mut Invocation,
) -> Result<Vec<Record>, Error> {
    if let Some(mode) = cloudevents::mode(&head.headers)? {
        if mode == Mode::Binary {
            let attributes = Attributes::read(&head.headers)?;
            return Ok(vec![cloud::binary(attributes, body, function)]);
        }
        let events = cloudevents::read(mode, &head.headers, body)?;
        return Ok(events.into_iter().map(|event| cloud::record(event, function)).collect());
    }
    if let Some(push) = pubsub::push(body) {
        invocation.system = Some(pubsub::SYSTEM);
        return push.map(|push| vec![pubsub::record(push, function)]);
    }
    if let Some(message) = pubsub::unwrapped(&head.headers, body) {
        invocation.system = Some(pubsub::SYSTEM);
        return Ok(vec![pubsub::record(message, function)]);
    }
    if let Some(event) = legacy::convert(body) {
        return Ok(vec![cloud::record(event, function)]);
    }
    Ok(vec![Record::new(plain::event(&head.headers, body, function))])
}

/// Says to one who wants to send events that it may: the handshake of CloudEvents' webhooks.
fn handshake(head: &Parts) -> Response<Payload> {
    let mut response = Response::new(Payload::default());
    *response.status_mut() = StatusCode::OK;
    let headers = response.headers_mut();
    if let Some(origin) = head.headers.get("webhook-request-origin") {
        headers.insert("webhook-allowed-origin", origin.clone());
    }
    headers.insert("webhook-allowed-rate", http::HeaderValue::from_static("*"));
    headers.insert(http::header::ALLOW, http::HeaderValue::from_static("OPTIONS, POST"));
    response
}
