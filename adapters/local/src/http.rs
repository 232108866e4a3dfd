use http::Request;
use omnifn_core::{Call, Decoded, Error, Event, Payload, Spec, Target, direct};

use crate::{Local, context};

pub(crate) fn decode(local: &Local, request: Request<Payload>) -> Decoded {
    if let Some(events) = local.events
        && let Some(function) = posted(local, &request)
    {
        return (events.decode)(local, request, function);
    }
    let (head, body) = direct::receive(request).into_parts();
    let invocation = context::invocation(&head, local.trusted_hops);
    Decoded::Call(Call { event: Event::Http(Request::from_parts(head, body)), target: Target::Route, invocation })
}

/// The function that an event is posted to.
fn posted(local: &Local, request: &Request<Payload>) -> Option<Result<&'static Spec, Error>> {
    let path = request.uri().path();
    local.functions.at(path).filter(|_| path.starts_with("/_omnifn/"))
}
