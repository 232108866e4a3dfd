//! Direct invocations: by the Lambda API, by Step Functions, or by a service that waits for a result, such as Cognito. The event is the
//! payload, and nothing here looks into it.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, header::CONTENT_TYPE};
use omnifn_core::{Body, Call, Error, ErrorKind, Payload, Reply, Spec, Target};

use super::unsupported::{failed_as, failure};
use crate::{Aws, detect::REPLY_LIMIT, http::reply::respond};

/// Returns the call of the function with the event as its payload.
pub(crate) fn decode(aws: &Aws, head: HeaderMap, event: &Bytes, function: &Spec) -> Result<Call, Error> {
    let mut request = Request::post(Uri::try_from(format!("/{}", function.name))?).body(Body::from(event.clone()))?;
    request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let invocation = aws.platform.delivery(head, event);
    Ok(Call { request, target: Target::Invoke(function.name.to_owned()), invocation })
}

/// Returns the function's result, or a failure with the name of the function's error, by which a state machine catches it.
pub(crate) fn encode(reply: Reply) -> Response<Payload> {
    let (status, error, result) = match reply {
        Reply::Failed(error) => return failed(&error),
        Reply::Http(response) => {
            (response.status(), response.extensions().get().cloned(), response.into_body().whole().cloned())
        }
        Reply::Delivered(_) => (Reply::status(&reply), None, None),
    };
    match (error, result) {
        (Some(error), _) => failed(&error),
        (None, Some(result)) if status.is_success() => fitting(result),
        // A layer around the function has answered instead of the function.
        _ => failed(&Error::status(status, format!("the invocation was answered with {status}"))),
    }
}

fn fitting(result: Bytes) -> Response<Payload> {
    let length = result.len();
    if length <= REPLY_LIMIT {
        return respond(result);
    }
    let words = format!(
        "the result is {length} bytes, and Lambda accepts {REPLY_LIMIT} at most: make it smaller, or return a link to it"
    );
    let error = Error::new(ErrorKind::ResponseTooLarge, words);
    let mut reply = failed(&error);
    reply.extensions_mut().insert(error);
    reply
}

/// Returns a failed invocation. The caller sees the name that the function's error declares about itself, or else `Error`.
fn failed(error: &Error) -> Response<Payload> {
    match (error.kind(), error.name()) {
        (ErrorKind::Function, "FunctionError") => failed_as("Error", error),
        (ErrorKind::Function, name) => failed_as(name, error),
        _ => failure(error),
    }
}
