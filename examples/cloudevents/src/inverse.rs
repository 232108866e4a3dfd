//! The other side: what a sender posts, and what it makes of the response. It is written from the specification, not from the adapter.

use bytes::Bytes;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use omnifn_core::{
    Error, ErrorKind, Event, Inverse, Spec, cloudevents, direct,
    event::{Class, CloudEvent},
};
use serde::de::IgnoredAny;

use crate::CloudEvents;

const BATCH: &str = "application/cloudevents-batch+json";

impl Inverse for CloudEvents {
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
            Class::Event => &["binary", "structured", "batch"],
            _ => &[],
        }
    }

    fn write_events(&self, shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
        let events = events.into_iter().map(cloud_event).collect::<Result<Vec<_>, _>>()?;
        let mut request = Request::post(format!("/_omnifn/{}", function.name)).body(Bytes::new())?;
        let mut send = |body, media_type| {
            *request.body_mut() = body;
            request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        };
        match (shape, &events[..]) {
            ("binary", [event]) => cloudevents::write_binary(event, &mut request)?,
            ("structured", [event]) => send(cloudevents::write_structured(event), "application/cloudevents+json"),
            ("batch", events) => send(cloudevents::write_batch(events), BATCH),
            ("binary" | "structured", events) => {
                let words = format!("the shape {shape:?} carries one event, not {}", events.len());
                return Err(Error::new(ErrorKind::Unsupported, words));
            }
            _ => return Err(Error::new(ErrorKind::Unsupported, format!("there is no shape {shape:?}"))),
        }
        Ok(request)
    }

    /// A success acknowledges all events of the message. Everything else is posted again.
    fn read_outcomes(&self, _: &str, message: &Request<Bytes>, reply: Response<Bytes>) -> Result<Vec<bool>, Error> {
        let is_batch = message.headers().get(CONTENT_TYPE).is_some_and(|media_type| media_type == BATCH);
        let count = match is_batch {
            true => serde_json::from_slice::<Vec<IgnoredAny>>(message.body())?.len(),
            false => 1,
        };
        Ok(vec![reply.status().is_success(); count])
    }
}

fn cloud_event(event: Event) -> Result<CloudEvent, Error> {
    match event {
        Event::Cloud(event) => Ok(*event),
        other => Err(Error::new(ErrorKind::Unsupported, format!("{} is not a CloudEvent", other.what()))),
    }
}
