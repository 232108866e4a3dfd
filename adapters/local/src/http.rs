use http::Request;
use omnifn_core::{Call, Decoded, Event, Payload, Target, direct};

use crate::{Local, context};

pub(crate) fn decode(local: &Local, request: Request<Payload>) -> Decoded {
    let (head, body) = direct::receive(request).into_parts();
    let invocation = context::invocation(&head, local.trusted_hops);
    Decoded::Call(Call { event: Event::Http(Request::from_parts(head, body)), target: Target::Route, invocation })
}
