use http::{HeaderValue, Request, Response, StatusCode};
use omnifn_core::{Call, Decoded, Error, ErrorKind, Event, Payload, Reply, Route, Target, direct};

use crate::{Gcp, events};

/// The paths that the contract keeps from functions.
#[derive(Debug)]
pub(crate) struct Reserved(Vec<&'static str>);

impl Default for Reserved {
    fn default() -> Self {
        Reserved(vec!["/favicon.ico", "/robots.txt"])
    }
}

impl Reserved {
    /// Gives a path to the function whose route says it.
    pub(crate) fn release<'a>(&mut self, routes: impl IntoIterator<Item = &'a Route>) {
        for route in routes {
            self.0.retain(|path| route.path != Some(path));
        }
    }
}

pub(crate) fn decode(gcp: &Gcp, request: Request<Payload>) -> Decoded {
    if gcp.reserved.0.contains(&request.uri().path()) {
        let mut reply = Response::new(Payload::default());
        *reply.status_mut() = StatusCode::NOT_FOUND;
        return Decoded::Answer(reply);
    }
    if let Some(function) = gcp.functions.at(request.uri().path()) {
        return events::decode(gcp, request, function);
    }
    let (head, body) = direct::receive(request).into_parts();
    let invocation = gcp.platform.invocation(&head);
    Decoded::Call(Call { event: Event::Http(Request::from_parts(head, body)), target: Target::Route, invocation })
}

pub(crate) fn encode(reply: Reply) -> Response<Payload> {
    let status = match &reply {
        Reply::Http(response) => response.extensions().get::<Error>().and_then(google_status),
        Reply::Failed(error) => google_status(error),
        Reply::Delivered(outcomes) => {
            let failed = outcomes.iter().filter(|outcome| !outcome.is_acknowledged());
            failed.filter_map(|outcome| outcome.error().map(of_event)).next()
        }
    };
    let mut response = reply.into_http();
    if let Some(status) = status {
        response.headers_mut().insert("x-google-status", HeaderValue::from_static(status));
    }
    response
}

/// Whose failure an event's was: nobody has called.
fn of_event(error: &Error) -> &'static str {
    if error.kind() == ErrorKind::Function { "error" } else { "crash" }
}

/// Whose failure it was, in the contract's words.
fn google_status(error: &Error) -> Option<&'static str> {
    match error.kind() {
        _ if error.is_callers_fault() => None,
        ErrorKind::Function => Some("error"),
        _ => Some("crash"),
    }
}
