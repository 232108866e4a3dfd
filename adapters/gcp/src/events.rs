//! Events that are posted: CloudEvents, pushes of Pub/Sub, jobs, tasks, and what older functions get.

mod cloud_tasks;
mod eventarc;
pub(crate) mod firestore;
mod legacy;
mod pubsub;
mod scheduler;
mod storage;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, request::Parts};
use omnifn_core::{
    Decoded, Delivery, Error, ErrorKind, Event, Invocation, Outcome, Payload, Record, Refusal, Reply, Spec,
    cloudevents::{self, Attributes, Mode, Received},
    direct,
    event::Class,
};

use crate::Gcp;

/// Returns the response for the outcomes of the events.
pub(crate) fn encode(outcomes: Vec<Outcome>) -> Response<Payload> {
    let mut failed = outcomes.iter().filter(|outcome| !outcome.is_acknowledged());
    let status = failed.find_map(|outcome| outcome.error().map(crate::http::of_event));
    let mut response = Reply::Delivered(outcomes).into_http();
    crate::http::set_status(&mut response, status);
    response
}

/// Reads the events of a request to a function's path.
pub(crate) fn decode(gcp: &Gcp, request: Request<Payload>, function: &'static Spec) -> Decoded {
    let (head, payload) = request.into_parts();
    match head.method {
        Method::POST => {}
        ref method => {
            match gcp.handshakes.answer(&head) {
                Some(Ok(response)) => return Decoded::Answer(response),
                Some(Err(error)) => return Decoded::Refused(error.into()),
                None => {}
            }
            let words = format!("received {method} for the function `{}`, expected POST", function.name);
            let allow = HeaderValue::from_static("POST");
            return Decoded::Refused(Error::new(ErrorKind::MethodNotAllowed, words).with_allow(allow).into());
        }
    }
    let Payload::Whole(body) = payload else {
        return Decoded::Refused(Error::new(ErrorKind::Config, "the body of the event was not read completely").into());
    };
    let request = direct::receive(Request::from_parts(head, Payload::default()));
    let (head, _) = request.into_parts();
    let mut invocation = gcp.platform.invocation(&head.headers);
    invocation.raw = Some(body.clone());
    match records(&head, &body, function, &mut invocation) {
        Ok(records) => Decoded::Delivery(Delivery::new(function, records, invocation)),
        Err(error) => Decoded::Refused(Refusal { error, invocation_id: invocation.id }),
    }
}

/// Reads the records: by the platform's own headers first, and only without them by the keys of the body.
///
/// The body of a task, of a job, and of a message without its envelope is the user's own, and so are a message's attributes, which
/// Pub/Sub sends as headers. Therefore neither they nor the keys of the body have a meaning for a function that takes any body.
fn records(head: &Parts, body: &Bytes, function: &'static Spec, invocation: &mut Invocation) -> Result<Records, Error> {
    let is_sent_with = |prefix| head.headers.keys().any(|name| name.as_str().starts_with(prefix));
    let is_message = is_sent_with("x-goog-pubsub-");
    let is_own = is_message || is_sent_with("x-cloudtasks-") || is_sent_with("x-cloudscheduler");
    let takes_any_body = matches!(function.class(), Class::Queue | Class::Topic | Class::Stream | Class::Schedule);
    let mode = if is_own && takes_any_body { None } else { cloudevents::mode(&head.headers)? };
    if let Some(mode) = mode {
        if mode == Mode::Binary {
            let attributes = Attributes::read(&head.headers)?;
            return Ok(one(eventarc::binary(attributes, body, function)));
        }
        let events = cloudevents::read(mode, &head.headers, body)?;
        return Ok(Box::new(events.map(|event| eventarc::record(event, function))));
    }
    if is_message {
        invocation.system = Some(pubsub::SYSTEM);
        return Ok(one(pubsub::record(pubsub::unwrapped(&head.headers, body), function)));
    }
    if !is_own && let Some(push) = pubsub::push(body) {
        invocation.system = Some(pubsub::SYSTEM);
        return push.map(|push| one(pubsub::record(push, function)));
    }
    // A message without its envelope and its metadata may have these keys, too.
    if !is_own
        && let Some(event) = legacy::convert(body)
        && !(takes_any_body && event.is_err())
    {
        return Ok(one(eventarc::record(event.map(Received::from), function)));
    }
    let event = match function.class() {
        Class::Schedule => Ok(Event::from(scheduler::tick(&head.headers, body))),
        Class::Queue | Class::Topic | Class::Stream => Ok(Event::from(cloud_tasks::message(&head.headers, body))),
        class => Err(eventarc::mismatch("a request that is not a CloudEvent", class)),
    };
    Ok(one(Record::new(event)))
}

/// The records of a message, which are decoded when they are needed.
type Records = Box<dyn Iterator<Item = Record> + Send>;

fn one(record: Record) -> Records {
    Box::new(std::iter::once(record))
}

/// Returns a header's value if it is a string.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}
