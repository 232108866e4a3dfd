//! The platform's side: requests as they come, and events as Eventarc, Pub/Sub, Cloud Scheduler and Cloud Tasks post them.

mod firestore;
mod post;

use bytes::Bytes;
use http::{Request, Response};
use omnifn_core::{Error, Event, Inverse, Spec, direct, event::Class};

use crate::Gcp;

impl Inverse for Gcp {
    fn shapes() -> &'static [&'static str] {
        direct::SHAPES
    }

    fn write(&self, shape: &str, request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
        direct::write(shape, as_cloud_run_sends(request)?)
    }

    fn read(&self, _: &str, reply: Response<Bytes>) -> Result<Response<Bytes>, Error> {
        direct::read(reply)
    }

    fn event_shapes(class: Class) -> &'static [&'static str] {
        match class {
            Class::Queue => &["pubsub", "pubsub-unwrapped", "pubsub-eventarc", "cloud-tasks"],
            Class::Topic | Class::Stream => &["pubsub", "pubsub-unwrapped", "pubsub-eventarc"],
            Class::Storage => &["eventarc", "pubsub-notification"],
            Class::Schedule => &["scheduler", "scheduler-pubsub"],
            Class::Event => &["cloudevent", "cloudevent-structured", "cloudevents-batch"],
            Class::Changes => &["firestore", "firestore-json"],
            _ => &[],
        }
    }

    fn write_events(&self, shape: &str, function: &Spec, events: Vec<Event>) -> Result<Request<Bytes>, Error> {
        let mut request = post::write(shape, events)?;
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = http::Uri::try_from(format!("/_omnifn/{}", function.name))?;
        Ok(request)
    }

    /// A success acknowledges; everything else is posted again.
    fn read_outcomes(&self, _: &str, message: &Request<Bytes>, reply: Response<Bytes>) -> Result<Vec<bool>, Error> {
        Ok(vec![reply.status().is_success(); post::count(message)])
    }
}

/// Cloud Run decodes some characters of a path before it passes the request on, letters among them
/// (<https://cloud.google.com/run/docs/known-issues>: `%41` is `A`). Which others it decodes is documented nowhere.
fn as_cloud_run_sends(mut request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
    let path = request.uri().path();
    let mut parts = path.split('%');
    let mut sent = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(u8::is_ascii_alphanumeric) {
            Some(letter) => {
                sent.push(char::from(letter));
                sent.push_str(part.get(2..).unwrap_or_default());
            }
            None => {
                sent.push('%');
                sent.push_str(part);
            }
        }
    }
    if sent != path {
        let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
        let mut target = std::mem::take(request.uri_mut()).into_parts();
        target.path_and_query = Some(format!("{sent}{query}").parse()?);
        *request.uri_mut() = http::Uri::from_parts(target)?;
    }
    Ok(request)
}
