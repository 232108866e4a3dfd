use http::Request;
use omnifn_core::{Call, Decoded, Error, Payload, Spec, direct};

use crate::{Local, context, events};

pub(crate) fn decode(local: &Local, request: Request<Payload>) -> ((), Decoded) {
    match posted(local, request.uri().path()) {
        Some(Ok(function)) => return ((), events::decode(local, request, function)),
        Some(Err(error)) => return ((), Decoded::Refused(error.into())),
        None => {}
    }
    let invocation = context::invocation(request.headers(), request.extensions(), local.trusted_hops);
    let request = direct::receive(request);
    let target = local.functions.target(&request, true);
    ((), Decoded::Call(Call { request, target, invocation }))
}

/// The function that an event is posted to.
pub(crate) fn posted(local: &Local, path: &str) -> Option<Result<&'static Spec, Error>> {
    local.functions.at(path).filter(|_| path.starts_with("/_omnifn/"))
}
