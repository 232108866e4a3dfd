//! Requests that are events by what they are posted to: of Cloud Scheduler, of Cloud Tasks, of Pub/Sub without its envelope.

use bytes::Bytes;
use http::HeaderMap;
use omnifn_core::{
    Error, Event, Spec,
    event::{Class, Message, Tick, time},
};

use super::cloud;

pub(super) fn event(headers: &HeaderMap, body: &Bytes, function: &Spec) -> Result<Event, Error> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    match function.class() {
        Class::Schedule => {
            let mut tick = Tick::new();
            tick.source = text("x-cloudscheduler-jobname");
            tick.scheduled = text("x-cloudscheduler-scheduletime").as_deref().and_then(time::parse);
            tick.input = body.clone();
            Ok(Event::from(tick))
        }
        Class::Queue | Class::Topic | Class::Stream => Ok(Event::from(message(headers, body))),
        class => Err(cloud::unfit("a request that is no CloudEvent", class)),
    }
}

fn message(headers: &HeaderMap, body: &Bytes) -> Message {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let mut message = Message::new(body.clone());
    message.content_type = text("content-type");
    message.id = text("x-cloudtasks-taskname");
    message.source = text("x-cloudtasks-queuename");
    message.time = text("x-cloudtasks-tasketa").and_then(|eta| time::from_seconds(eta.parse().ok()?));
    // The first time is no retry.
    let retries = text("x-cloudtasks-taskretrycount").and_then(|count| count.parse::<u32>().ok());
    message.attempt = retries.and_then(|count| count.checked_add(1));
    message
}
