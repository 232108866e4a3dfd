//! The host's side: what it makes of a request in each of its three ways, and what a client gets of a reply.

mod cors;
mod event;
mod read;
mod write;

use bytes::Bytes;
use http::{HeaderMap, Request, Response, header};
use omnifn_core::{Cors, Error, ErrorKind, Event, Inverse, Spec, direct, event::Class};

use crate::{Azure, Mode};

const SHAPES: [&str; 3] = [Mode::Proxying.name(), Mode::Forwarding.name(), Mode::Data.name()];

/// The host's own server folds dot segments of a path and writes its percent-encoding anew before any of this happens; that
/// is not part of what is written.
impl Inverse for Azure {
    fn shapes() -> &'static [&'static str] {
        &SHAPES
    }

    fn write(&self, shape: &str, request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
        match named(shape)? {
            Mode::Proxying => write::proxied(request),
            Mode::Forwarding => write::forwarded(request),
            Mode::Data => write::enveloped(&request),
        }
    }

    fn read(&self, shape: &str, reply: Response<Bytes>) -> Result<Response<Bytes>, Error> {
        match named(shape)? {
            Mode::Proxying | Mode::Forwarding => direct::read(reply),
            Mode::Data => read::enveloped(&reply),
        }
    }

    fn answer_of_gateway(&self, request: &Request<Bytes>, cors: Option<&Cors>) -> Option<Response<Bytes>> {
        cors::preflight(request, cors)
    }

    fn pass_gateway(&self, asked: &HeaderMap, cors: Option<&Cors>, mut response: Response<Bytes>) -> Response<Bytes> {
        cors::add_origin(asked, cors, response.headers_mut());
        response
    }

    fn write_invocation(&self, shape: &str, function: &Spec, payload: Bytes) -> Result<Request<Bytes>, Error> {
        let request = Request::post(format!("/{}", function.name)).header(header::HOST, "example.com");
        let mut message = self.write(shape, request.header(header::CONTENT_TYPE, "application/json").body(payload)?)?;
        if named(shape)? == Mode::Data {
            // The host posts an envelope to the name of the function whose route matched.
            *message.uri_mut() = format!("/{}", function.name).parse()?;
        }
        Ok(message)
    }

    fn event_shapes(class: Class) -> &'static [&'static str] {
        event::shapes(class)
    }

    fn write_events(&self, shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
        event::write(shape, function, events)
    }

    fn read_outcomes(&self, _: &str, message: &Request<Bytes>, reply: Response<Bytes>) -> Result<Vec<bool>, Error> {
        event::outcomes(message, &reply)
    }
}

fn named(name: &str) -> Result<Mode, Error> {
    Mode::named(name).ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, format!("unknown shape {name:?}: expected one of {SHAPES:?}"))
    })
}
