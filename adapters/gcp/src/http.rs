use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{Extensions, HeaderName, HeaderValue, Request, Response, StatusCode, header, request::Parts};
use http_body::{Body as HttpBody, Frame};
use omnifn_core::{
    Body, Call, Decoded, Error, ErrorKind, EventEndpoints, Payload, Reply, Route, VerifiedSender, direct,
};

use crate::{Gcp, events};

/// The paths that the contract reserves.
#[derive(Debug)]
pub(crate) struct Reserved([Option<&'static str>; 2]);

impl Default for Reserved {
    fn default() -> Self {
        Reserved([Some("/favicon.ico"), Some("/robots.txt")])
    }
}

impl Reserved {
    /// Passes a reserved path to the function whose route is that path.
    pub(crate) fn release<'a>(&mut self, routes: impl IntoIterator<Item = &'a Route>) {
        for route in routes {
            for reserved in &mut self.0 {
                reserved.take_if(|path| route.path == Some(path));
            }
        }
    }
}

pub(crate) fn decode(gcp: &Gcp, request: Request<Payload>) -> ((), Decoded) {
    let path = request.uri().path();
    let of_events = gcp.functions.at(path);
    if gcp.reserved.0.contains(&Some(path)) {
        let mut reply = Response::new(Payload::default());
        *reply.status_mut() = StatusCode::NOT_FOUND;
        return ((), Decoded::Answer(reply));
    }
    match of_events {
        Some(Ok(function)) if accepts_events(gcp, request.extensions()) => {
            return ((), events::decode(gcp, request, function));
        }
        Some(Ok(function)) => return ((), Decoded::Refused(gcp.functions.closed(function, CLOSED).into())),
        Some(Err(error)) => return ((), Decoded::Refused(error.into())),
        None => {}
    }
    let invocation = gcp.platform.invocation(request.headers());
    let is_authorized = accepts_events(gcp, request.extensions());
    let request = direct::receive(request);
    let target = gcp.functions.target(&request, is_authorized);
    ((), Decoded::Call(Call { request, target, invocation }))
}

/// Returns whether an event is posted with this head.
pub(crate) fn is_event(gcp: &Gcp, head: &Parts) -> bool {
    matches!(gcp.functions.at(head.uri.path()), Some(Ok(_)))
}

/// Returns whether a function is invoked directly with this head. A path that the contract reserves invokes none.
pub(crate) fn is_invocation(gcp: &Gcp, head: &Parts) -> bool {
    let path = head.uri.path();
    !gcp.reserved.0.contains(&Some(path)) && gcp.functions.is_invocation(&head.method, path)
}

/// Why events are refused, and what to do.
const CLOSED: &str = "clients can reach this service: serve event functions from services of their own (FUNCTION_TARGET names the functions \
                      of a service), or set OMNIFN_PRIVATE=true if no client can reach this one";

/// Returns whether events are accepted: the deployment separates them from HTTP functions, declares that no client can reach the
/// service, or the sender was verified.
pub(crate) fn accepts_events(gcp: &Gcp, extensions: &Extensions) -> bool {
    gcp.is_private || !gcp.functions.serve_clients() || VerifiedSender::sent(extensions)
}

/// Describes which events are accepted, and why.
pub(crate) fn event_endpoints(gcp: &Gcp) -> Option<EventEndpoints> {
    let names = gcp.functions.names_of_events();
    let first = gcp.functions.of_events().next()?;
    let place = match gcp.functions.only_of_events().filter(|_| !gcp.functions.serve_clients()) {
        Some(_) => "at every path".to_owned(),
        None => format!("at /_omnifn/<function>, such as /_omnifn/{}", first.name),
    };
    Some(if gcp.is_private {
        let why = "OMNIFN_PRIVATE declares that no client can reach this service";
        EventEndpoints::open(format!("events for {names} are accepted {place}: {why}"))
    } else if !gcp.functions.serve_clients() {
        let why = "this service serves no HTTP functions, and the platform must authenticate its callers";
        EventEndpoints::open(format!("events for {names} are accepted {place}: {why}"))
    } else {
        EventEndpoints::closed(format!("events for {names} are refused: {CLOSED}"))
    })
}

const STATUS: HeaderName = HeaderName::from_static("x-google-status");
const ERROR: HeaderValue = HeaderValue::from_static("error");
const CRASH: HeaderValue = HeaderValue::from_static("crash");

pub(crate) fn encode(reply: Reply) -> Response<Payload> {
    let mut response = match reply {
        Reply::Http(response) => response,
        Reply::Failed(error) => return failed(error),
        Reply::Delivered(outcomes) => return events::encode(outcomes),
    };
    let status = response.extensions().get::<Error>().and_then(google_status);
    set_status(&mut response, status);
    unbind(&mut response);
    response
}

fn failed(error: Error) -> Response<Payload> {
    let status = google_status(&error);
    let mut response = Reply::Failed(error).into_http();
    set_status(&mut response, status);
    response
}

pub(crate) fn set_status(response: &mut Response<Payload>, status: Option<HeaderValue>) {
    if let Some(status) = status {
        response.headers_mut().insert(STATUS, status);
    }
}

/// The largest body with a length that Cloud Run accepts over HTTP/1.1; a chunked body may have any size.
const LENGTH_LIMIT: u64 = 32 * 1024 * 1024;

fn unbind(response: &mut Response<Payload>) {
    let length = match response.body() {
        Payload::Whole(body) => body.len() as u64,
        Payload::Stream(body) => body.size_hint().exact().unwrap_or_default(),
    };
    if length > LENGTH_LIMIT {
        response.headers_mut().remove(header::CONTENT_LENGTH);
        let body = std::mem::take(response.body_mut()).into_body();
        *response.body_mut() = Payload::Stream(Body::new(Chunked(body)));
    }
}

/// A body that does not report its length.
struct Chunked(Body);

impl HttpBody for Chunked {
    type Data = Bytes;
    type Error = <Body as HttpBody>::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.0).poll_frame(cx)
    }
}

/// Returns whose failure that of an event is. An event has no caller.
pub(crate) fn of_event(error: &Error) -> HeaderValue {
    if error.kind() == ErrorKind::Function { ERROR } else { CRASH }
}

/// Returns whose failure it is, in the terms of the contract.
fn google_status(error: &Error) -> Option<HeaderValue> {
    (!error.is_callers_fault()).then(|| of_event(error))
}
