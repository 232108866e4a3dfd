pub(crate) mod http_envelope;
pub(crate) mod reply;

use http::{HeaderValue, Request, Response, Uri, header, request::Parts};
use omnifn_core::{
    Body, Call, Decoded, Error, ErrorKind, EventEndpoints, Payload, Refusal, Spec, Target, VerifiedSender, direct,
    event::Class, log::Journal, uri,
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
    match envelope_of_events(azure, &head) {
        Some(Ok(function)) => {
            let Payload::Whole(bytes) = &payload else { return refused(not_whole()) };
            let journal = Journal::default();
            return (Origin::Events(journal.clone()), events::decode(azure, &head, bytes, function, journal));
        }
        Some(Err(error)) => return refused(error),
        None => {}
    }
    match posted_events(azure, &head) {
        Some(Ok(function)) => {
            let Payload::Whole(bytes) = &payload else { return refused(not_whole()) };
            return (Origin::Request, webhook::decode(azure, &head, bytes, function));
        }
        Some(Err(error)) => return refused(error),
        None => {}
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
        let words = format!("received {} {}, but the Functions host posts envelopes", head.method, head.uri.path());
        return refused(Error::new(ErrorKind::NotFound, words));
    }
    match unchanged(azure, Request::from_parts(head, payload)) {
        Ok(call) => (Origin::Request, Decoded::Call(call)),
        Err(error) => refused(error),
    }
}

/// Whether the message has an event or a request in its body.
pub(crate) fn reads_whole(azure: &Azure, head: &Parts) -> bool {
    let is_event =
        || matches!(envelope_of_events(azure, head), Some(Ok(_))) || matches!(posted_events(azure, head), Some(Ok(_)));
    azure.host.sends_envelope(head) || is_event()
}

/// Whether this is a webhook's post to an event function.
pub(crate) fn is_posted_event(azure: &Azure, head: &Parts) -> bool {
    matches!(webhook_of(azure, head), Some(Ok(_)))
}

/// Why the host's events are refused, and what to do.
const CLOSED: &str = "clients can reach this app, and with enableForwardingHttpRequest and no route prefix a client can send the same \
                      request as the host: use \"enableProxyingHttpRequest\": true in \"customHandler\" of host.json, set a route \
                      prefix, serve the event functions from an app of their own (OMNIFN_FUNCTION names the functions of an app), or \
                      set OMNIFN_PRIVATE=true if no client can reach this app";

/// Why the posts of webhooks are refused, and what to do.
const WEBHOOKS_CLOSED: &str = "every client can post to a webhook: use an eventGridTrigger, or set OMNIFN_PRIVATE=true if no client can \
                               reach this app";

/// The function that the host posts an envelope of events to, in all three modes: to its name, without the headers that it adds to a
/// client's request.
fn envelope_of_events(azure: &Azure, head: &Parts) -> Option<Result<&'static Spec, Error>> {
    let name = head.uri.path().strip_prefix('/')?;
    let function = azure.functions.named(name);
    let takes_events = match function {
        Some(function) => !matches!(function.class(), Class::Http | Class::Invoke),
        None => azure.bindings.contains_key(name),
    };
    if !takes_events || head.method != http::Method::POST || !azure.host.posts(&head.headers) {
        return None;
    }
    let Some(function) = function else { return Some(Err(not_served(name))) };
    // A refused event is delivered again. A function for HTTP requests, which might acknowledge it, does not receive it.
    let is_accepted = has_no_clients(azure) || azure.host.is_certain(head.uri.path());
    Some(if is_accepted { Ok(function) } else { Err(azure.functions.closed(function, CLOSED)) })
}

/// Whether an event is accepted even if a client could have sent it: there are no clients.
fn has_no_clients(azure: &Azure) -> bool {
    azure.is_private || !(azure.functions.serve_clients() || has_anonymous_route(azure))
}

/// Whether the app has a route that everyone may send requests to.
fn has_anonymous_route(azure: &Azure) -> bool {
    azure.http_triggers.values().any(|trigger| trigger.is_anonymous)
}

/// The function that a webhook posts events to, if it is allowed to.
fn posted_events(azure: &Azure, head: &Parts) -> Option<Result<&'static Spec, Error>> {
    let posted = webhook_of(azure, head)?;
    let is_accepted = has_no_clients(azure) || VerifiedSender::sent(&head.extensions);
    Some(posted.and_then(|function| match is_accepted {
        true => Ok(function),
        false => Err(azure.functions.closed(function, WEBHOOKS_CLOSED)),
    }))
}

/// The function that a webhook posts events to.
fn webhook_of(azure: &Azure, head: &Parts) -> Option<Result<&'static Spec, Error>> {
    let path = uri::strip_prefix(head.uri.path(), azure.host.prefix());
    azure.functions.at(path).filter(|_| path.starts_with("/_omnifn/"))
}

/// Describes which events are accepted, and why.
pub(crate) fn event_endpoints(azure: &Azure) -> Option<EventEndpoints> {
    let first = azure.functions.of_events().next()?.name;
    let names = azure.functions.names_of_events();
    let webhooks = match has_no_clients(azure) {
        true => "webhooks are accepted at /_omnifn/<function>",
        false => "webhooks (/_omnifn/<function>) are refused",
    };
    let open =
        |why: &str| EventEndpoints::open(format!("events for {names} are accepted from the host: {why}; {webhooks}"));
    Some(if azure.is_private {
        open("OMNIFN_PRIVATE declares that no client can reach this app")
    } else if azure.host.is_certain(&format!("/{first}")) {
        open(match azure.host.mode() {
            Some(Mode::Data) => "the requests of clients are inside envelopes",
            Some(Mode::Proxying) => "it marks the requests of clients with X-Forwarded-Host",
            _ => "the paths of clients begin with the route prefix",
        })
    } else if has_no_clients(azure) {
        open("this app serves no HTTP functions")
    } else {
        EventEndpoints::closed(format!("events for {names} are refused: {CLOSED}"))
    })
}

fn not_served(name: &str) -> Error {
    let words = format!(
        "an event was received for the function `{name}`, which this app does not serve: add it to OMNIFN_FUNCTION, or set \
         AzureWebJobs.{name}.Disabled=true"
    );
    Error::new(ErrorKind::NotFound, words)
}

fn not_whole() -> Error {
    Error::new(ErrorKind::Config, "the body of the event was not read completely")
}

fn refused(error: Error) -> (Origin, Decoded) {
    (Origin::Request, Decoded::Refused(Refusal::from(error)))
}

/// A request that the host passed on.
fn unchanged(azure: &Azure, request: Request<Payload>) -> Result<Call, Error> {
    let mut request = direct::receive(request);
    if azure.host.mode() != Some(Mode::Forwarding) {
        restore_host(&mut request);
    }
    *request.uri_mut() = without_prefix(azure, std::mem::take(request.uri_mut()))?;
    let invocation = azure.platform.invocation(&azure.host, request.headers(), request.headers(), None);
    // The host has chosen the trigger by the path and checked the trigger's key, but does not report which one it was: it may have been
    // an HTTP function whose route matches, too.
    let is_authorized = !azure.functions.have_route(request.method(), request.uri().path());
    let target = match azure.functions.target(&request, is_authorized) {
        // Everyone may send what the anonymous trigger of another function takes.
        Target::Function(name) if !azure.is_private && others_may_take(azure, &name, request.uri().path()) => {
            Target::Route
        }
        target => target,
    };
    Ok(Call { request, target, invocation })
}

/// Whether an anonymous trigger in another folder than that of the function may take a path, also one that is disabled: the host checks
/// the key of the first trigger that takes it.
fn others_may_take(azure: &Azure, function: &str, path: &str) -> bool {
    let mut others = azure.http_triggers.iter().filter(|(folder, trigger)| *folder != function && trigger.is_anonymous);
    others.any(|(_, trigger)| trigger.may_take(path))
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
