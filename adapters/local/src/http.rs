use http::{Extensions, Request};
use omnifn_core::{Call, Decoded, Error, EventEndpoints, Payload, Peer, Spec, VerifiedSender, direct};

use crate::{Local, context, events};

pub(crate) fn decode(local: &Local, request: Request<Payload>) -> ((), Decoded) {
    match posted(local, request.uri().path()) {
        Some(Ok(function)) if accepts_events(local, request.extensions()) => {
            return ((), events::decode(local, request, function));
        }
        Some(Ok(function)) => return ((), Decoded::Refused(local.functions.closed(function, CLOSED).into())),
        Some(Err(error)) => return ((), Decoded::Refused(error.into())),
        None => {}
    }
    let invocation = context::invocation(request.headers(), request.extensions(), local.trusted_hops);
    let is_authorized = accepts_events(local, request.extensions());
    let request = direct::receive(request);
    let target = local.functions.target(&request, is_authorized);
    ((), Decoded::Call(Call { request, target, invocation }))
}

/// The function that an event is posted to.
pub(crate) fn posted(local: &Local, path: &str) -> Option<Result<&'static Spec, Error>> {
    local.functions.at(path).filter(|_| path.starts_with("/_omnifn/"))
}

/// The reason why events are refused, and what to do.
const CLOSED: &str = "events are accepted from this machine only: post to a loopback address, or set OMNIFN_PRIVATE=true if no client can \
                      reach this program";

/// Returns whether events are accepted on the connection of a request: from this machine, or from anywhere if no client can reach the
/// program. Behind a proxy, the connection does not identify the sender of the request.
pub(crate) fn accepts_events(local: &Local, extensions: &Extensions) -> bool {
    let is_loopback = |peer: &Peer| peer.0.ip().to_canonical().is_loopback();
    local.is_private
        || VerifiedSender::sent(extensions)
        || (local.trusted_hops == 0 && extensions.get::<Peer>().is_some_and(is_loopback))
}

/// Describes which events are accepted, and why.
pub(crate) fn event_endpoints(local: &Local) -> Option<EventEndpoints> {
    let names = local.functions.names_of_events();
    let place = format!("at /_omnifn/<function>, such as /_omnifn/{}", local.functions.of_events().next()?.name);
    Some(if local.is_private {
        let why = "OMNIFN_PRIVATE declares that no client can reach this program";
        EventEndpoints::open(format!("events for {names} are accepted {place}, from every address: {why}"))
    } else if local.trusted_hops > 0 {
        let why = "OMNIFN_TRUSTED_HOPS declares a proxy in front of this program, so a connection does not identify the sender of \
                   a request: set OMNIFN_PRIVATE=true if no client can reach it";
        EventEndpoints::closed(format!("events for {names} are refused: {why}"))
    } else {
        EventEndpoints::open(format!("events for {names} are accepted {place}, from this machine only (loopback)"))
    })
}
