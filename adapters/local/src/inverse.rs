//! The inverse of the adapter: writes requests and posted events as clients do.

mod post;

use std::net::Ipv4Addr;

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{Error, Event, Inverse, Peer, Spec, direct, event::Class};

use crate::Local;

impl Inverse for Local {
    fn shapes() -> &'static [&'static str] {
        direct::SHAPES
    }

    fn write(&self, shape: &str, request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
        direct::write(shape, request)
    }

    fn read(&self, _: &str, reply: Response<Bytes>) -> Result<Response<Bytes>, Error> {
        direct::read(reply)
    }

    fn event_shapes(class: Class) -> &'static [&'static str] {
        match class {
            Class::Event => &["post", "cloudevent", "cloudevents-batch"],
            Class::Http | Class::Invoke => &[],
            _ => &["post"],
        }
    }

    fn write_events(&self, shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
        let mut request = post::write(shape, function, events)?;
        // Events are accepted from this machine.
        request.extensions_mut().insert(Peer((Ipv4Addr::LOCALHOST, 50_000).into()));
        Ok(request)
    }

    fn read_outcomes(&self, _: &str, _: &Request<Bytes>, reply: Response<Bytes>) -> Result<Vec<bool>, Error> {
        post::outcomes(&reply)
    }
}
