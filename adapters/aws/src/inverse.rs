//! The inverse: gateways, which make events of requests, and pass replies on to clients.

mod event;
mod read;
mod write;

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{Error, ErrorKind, Event, Inverse, Spec, event::Class};

use crate::{Aws, detect::Shape, events::payload};

const SHAPES: [&str; Shape::ALL.len()] = {
    let mut names = [""; Shape::ALL.len()];
    let mut i = 0;
    while i < names.len() {
        names[i] = Shape::ALL[i].name();
        i += 1;
    }
    names
};

/// The head that the Runtime API adds to an event (ids, a deadline) is not written, because it does not depend on the request.
impl Inverse for Aws {
    fn shapes() -> &'static [&'static str] {
        &SHAPES
    }

    fn write(&self, shape: &str, request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
        let (head, body) = request.into_parts();
        let mut message = Request::new(write::event(named(shape)?, &head, &body)?);
        *message.method_mut() = http::Method::POST;
        Ok(message)
    }

    fn read(&self, shape: &str, reply: Response<Bytes>) -> Result<Response<Bytes>, Error> {
        read::response(named(shape)?, &reply)
    }

    fn invoke_shapes() -> &'static [&'static str] {
        &["invoke"]
    }

    fn write_invocation(&self, shape: &str, _: &Spec, payload: Bytes) -> Result<Request<Bytes>, Error> {
        if shape != "invoke" {
            return Err(Error::new(ErrorKind::Unsupported, format!("no shape {shape:?}: there is \"invoke\"")));
        }
        // Lambda accepts only JSON as a payload.
        omnifn_core::json::from_slice::<serde::de::IgnoredAny>(&payload, "the payload")?;
        Ok(Request::post("/").body(payload)?)
    }

    fn read_result(&self, _: &str, reply: Response<Bytes>) -> Result<Bytes, Error> {
        read::result(reply)
    }

    fn event_shapes(class: Class) -> &'static [&'static str] {
        event::shapes(class)
    }

    fn delivers(shape: &str, function: &Spec) -> bool {
        match shape {
            "iot-rule" => payload::is_iot(function),
            "kinesis" | "kafka" | "cloudwatch-logs" => !payload::is_iot(function),
            _ => true,
        }
    }

    fn write_events(&self, shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
        if !Self::delivers(shape, function) {
            let text = match function.options.service {
                Some(service) => {
                    format!("the shape {shape:?} is not that of the service {service:?}, which the function declares")
                }
                None => format!("the shape {shape:?} is for a function that declares its service: `service = \"iot\"`"),
            };
            return Err(Error::new(ErrorKind::Unsupported, text));
        }
        let mut message = Request::new(event::write(shape, function.source().unwrap_or_default(), events)?);
        *message.method_mut() = http::Method::POST;
        Ok(message)
    }

    fn read_outcomes(&self, _: &str, message: &Request<Bytes>, reply: Response<Bytes>) -> Result<Vec<bool>, Error> {
        event::outcomes(message, &reply)
    }
}

fn named(name: &str) -> Result<Shape, Error> {
    Shape::ALL.into_iter().find(|shape| shape.name() == name).ok_or_else(|| {
        Error::new(ErrorKind::Unsupported, format!("unknown shape {name:?}: expected one of {SHAPES:?}"))
    })
}
