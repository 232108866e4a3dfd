pub(crate) mod http_envelope;
pub(crate) mod reply;

use http::{HeaderValue, Request, Response, Uri, header, request::Parts};
use omnifn_core::{
    Body, Call, Decoded, Error, ErrorKind, Payload, Refusal, Spec, direct, event::Class, log::Journal, uri,
};

use crate::{
    Azure, Mode, Origin,
    detect::FORWARDED_HOST,
    events::{self, webhook},
};

pub(crate) fn decode(azure: &Azure, request: Request<Payload>) -> (Origin, Decoded) {
    let (head, payload) = request.into_parts();
    if azure.host.is_probe(&head) {
        return (Origin::Request, Decoded::Answer(Response::default()));
    }
    let posted = posted_events(azure, &head);
    if let Payload::Whole(bytes) = &payload {
        if let Some(function) = envelope_of_events(azure, &head) {
            let journal = Journal::default();
            return (Origin::Events(journal.clone()), events::decode(azure, &head, bytes, function, journal));
        }
        if let Some(Ok(function)) = posted {
            return (Origin::Request, webhook::decode(azure, &head, bytes, function));
        }
    }
    if let Some(Err(error)) = posted {
        return refused(error);
    }
    if azure.host.sends_envelope(&head)
        && let Payload::Whole(bytes) = &payload
    {
        match http_envelope::open(azure, &head, bytes) {
            Ok(mut call) => {
                let journal = Journal::default();
                call.invocation.journal = Some(journal.clone());
                return (Origin::Envelope(journal), Decoded::Call(call));
            }
            // If the mode is unknown, this may be a client's request that only looks like the host's.
            Err(_) if azure.host.mode().is_none() => {}
            Err(error) => return refused(error),
        }
    }
    if azure.host.mode() == Some(Mode::Data) {
        let words = format!("the Functions host posts envelopes, and {} {} came", head.method, head.uri.path());
        return refused(Error::new(ErrorKind::NotFound, words));
    }
    match as_it_came(azure, Request::from_parts(head, payload)) {
        Ok(call) => (Origin::Request, Decoded::Call(call)),
        Err(error) => refused(error),
    }
}

/// Whether the message has an event or a request in its body.
pub(crate) fn reads_whole(azure: &Azure, head: &Parts) -> bool {
    let is_event = || envelope_of_events(azure, head).is_some() || matches!(posted_events(azure, head), Some(Ok(_)));
    azure.host.sends_envelope(head) || is_event()
}

/// The function that the host posts an envelope of events to, whichever way HTTP requests come: to its name, without what it
/// adds to a client's request.
fn envelope_of_events(azure: &Azure, head: &Parts) -> Option<&'static Spec> {
    let function = head.uri.path().strip_prefix('/').and_then(|name| azure.functions.named(name))?;
    let is_of_host = azure.host.mode() == Some(Mode::Data) || azure.host.posts(&head.headers);
    (!matches!(function.class(), Class::Http | Class::Invoke) && head.method == http::Method::POST && is_of_host)
        .then_some(function)
}

/// The function that Event Grid posts events to.
fn posted_events(azure: &Azure, head: &Parts) -> Option<Result<&'static Spec, Error>> {
    let path = uri::strip_prefix(head.uri.path(), azure.host.prefix());
    azure.functions.at(path).filter(|_| path.starts_with("/_omnifn/"))
}

fn refused(error: Error) -> (Origin, Decoded) {
    (Origin::Request, Decoded::Refused(Refusal::from(error)))
}

/// A request that the host passed on.
fn as_it_came(azure: &Azure, request: Request<Payload>) -> Result<Call, Error> {
    let mut request = direct::receive(request);
    if azure.host.mode() != Some(Mode::Forwarding) {
        restore_host(&mut request);
    }
    *request.uri_mut() = without_prefix(azure, std::mem::take(request.uri_mut()))?;
    let invocation = azure.platform.invocation(&azure.host, request.headers(), request.headers(), None);
    // The host has chosen the trigger by the path and checked the trigger's key, but does not report which one it was: it may have been
    // an HTTP function whose route matches, too.
    let is_authorized = !azure.functions.have_route(request.method(), request.uri().path());
    let target = azure.functions.target(&request, is_authorized);
    Ok(Call { request, target, invocation })
}

/// Sets the client's `Host`, which a proxying host sends in addition to its own.
fn restore_host(request: &mut Request<Body>) {
    let last = request.headers().get_all(FORWARDED_HOST).iter().next_back();
    let host = last.and_then(|hosts| hosts.as_bytes().rsplit(|byte| *byte == b',').next());
    if let Some(Ok(host)) = host.map(|host| HeaderValue::from_bytes(host.trim_ascii())) {
        request.headers_mut().insert(header::HOST, host);
    }
}

/// The path as the function's route has it.
pub(crate) fn without_prefix(azure: &Azure, target: Uri) -> Result<Uri, Error> {
    let path = uri::strip_prefix(target.path(), azure.host.prefix());
    if path.len() == target.path().len() {
        return Ok(target);
    }
    uri::origin_form(path, target.query().unwrap_or_default())
}
