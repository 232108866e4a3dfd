use http::Request;
use omnifn_core::{Call, Decoded, Error, Payload, Spec, Target, direct};

use crate::{Local, context};

pub(crate) fn decode(local: &Local, mut request: Request<Payload>) -> ((), Decoded) {
    match (posted(local, request.uri().path()), local.events) {
        (Some(Ok(function)), Some(events)) => return ((), (events.decode)(local, request, function)),
        (Some(Err(error)), _) => return ((), Decoded::Refused(error.into())),
        _ => {}
    }
    let invocation = context::invocation(request.headers(), request.extensions(), local.trusted_hops);
    direct::settle(&mut request);
    let (head, payload) = request.into_parts();
    let body = payload.into_body();
    // Nothing comes between its parts and their place: it is large, and would be copied for that.
    ((), Decoded::Call(Call { request: Request::from_parts(head, body), target: Target::Route, invocation }))
}

/// The function that an event is posted to.
pub(crate) fn posted(local: &Local, path: &str) -> Option<Result<&'static Spec, Error>> {
    local.functions.at(path).filter(|_| path.starts_with("/_omnifn/"))
}
