//! Events that hold no HTTP request: the way of all failures, so it may take its time.

use http::{HeaderName, HeaderValue, Response, header::CONTENT_TYPE};
use omnifn_core::{
    Error, ErrorKind, Payload, Reply,
    json::{Fault, fault, write_text},
};

use super::{misfit, raw::Raw, source};
use crate::detect::Shape;

const EXPECTED: &str = "this function takes HTTP requests, as events of an HTTP API or a Function URL \
                        (`requestContext.http`), a REST API (`httpMethod` and `requestContext`) or an Application Load \
                        Balancer (`requestContext.elb`)";

/// An event that is JSON of another kind, or none.
#[cold]
pub(super) fn not_http(event: &[u8]) -> Error {
    if let Some(fault) = fault(event) {
        return not_json(event, &fault);
    }
    let source::Source { came, advice, .. } = source::name(event);
    Error::new(ErrorKind::Unsupported, format!("{came} came; {EXPECTED}: {advice}"))
}

/// An event that could not be read as one: no JSON, JSON of another kind, or one of ours with a slip somewhere.
#[cold]
pub(super) fn unreadable(event: &[u8]) -> (Option<Shape>, Error) {
    if let Some(fault) = fault(event) {
        return (None, not_json(event, &fault));
    }
    let Some(shape) = Raw::of(event).object().as_ref().and_then(source::shape) else {
        return (None, not_http(event));
    };
    let refused = |path: &str| {
        Error::new(ErrorKind::Decode, format!("an event of the shape {shape} came whose `{path}` cannot be read"))
    };
    let error = misfit::find(event).map_or_else(|| refused("."), |(path, fault)| refused(&path).with_source(fault));
    (Some(shape), error)
}

fn not_json(event: &[u8], fault: &Fault) -> Error {
    let words = if event.trim_ascii().is_empty() {
        format!("an empty event came; {EXPECTED}")
    } else {
        format!("{} bytes came that are not JSON ({fault}); {EXPECTED}", event.len())
    };
    Error::new(ErrorKind::Decode, words)
}

const ERROR_TYPE: HeaderName = HeaderName::from_static("lambda-runtime-function-error-type");

/// A failed invocation, as Lambda understands it, where there was no request.
pub(super) fn failed(reply: &Reply) -> Response<Payload> {
    match reply {
        Reply::Failed(error) => failure(error),
        Reply::Http(_) | Reply::Delivered(_) => {
            failure(&Error::new(ErrorKind::Config, format!("{} without a request", reply.status())))
        }
    }
}

/// A failed invocation with the error's own name: one that the function made is `Function.…`.
pub(crate) fn failure(error: &Error) -> Response<Payload> {
    let whose = if matches!(error.kind(), ErrorKind::Function | ErrorKind::Panicked) { "Function" } else { "Runtime" };
    let (error_type, words) = (format!("{whose}.{}", error.name()), error.to_string());
    let mut body = Vec::with_capacity(words.len() + 128);
    body.extend_from_slice(b"{\"errorMessage\":");
    write_text(&mut body, &words);
    body.extend_from_slice(b",\"errorType\":");
    write_text(&mut body, &error_type);
    body.extend_from_slice(b",\"stackTrace\":[]}");
    let mut response = Response::new(Payload::Whole(body.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if let Ok(error_type) = HeaderValue::try_from(error_type) {
        response.headers_mut().insert(ERROR_TYPE, error_type);
    }
    response
}
