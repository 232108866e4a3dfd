//! Any message at all is answered, and nothing panics: the whole pass from a provider's bytes to a provider's bytes.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use arbitrary::Arbitrary;
use http::{HeaderName, HeaderValue, Request, Response, Uri};
use omnifn_core::{
    Adapter, App, Body, Deploy, Function, HttpTrigger, Location, Methods, Mount, Options, Payload, Route, Spec, Trigger,
};
use omnifn_runtime::dispatch::Dispatch;

/// The settings of an adapter whose events are decoded beside the requests of clients.
pub fn private(name: &str) -> Option<String> {
    (name == "OMNIFN_PRIVATE").then(|| "true".to_owned())
}

/// A provider's message.
#[derive(Debug, Arbitrary)]
pub struct Message<'a> {
    function: u8,
    method: u8,
    path: &'a str,
    headers: Vec<(Name<'a>, &'a [u8])>,
    body: &'a [u8],
}

/// A header's name: one that the platforms use, most often.
#[derive(Debug, Arbitrary)]
enum Name<'a> {
    Known(u8),
    Any(&'a [u8]),
}

const KNOWN: [&str; 26] = [
    "content-type",
    "content-length",
    "host",
    "cookie",
    "traceparent",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-amzn-trace-id",
    "x-cloud-trace-context",
    "function-execution-id",
    "lambda-runtime-aws-request-id",
    "lambda-runtime-deadline-ms",
    "lambda-runtime-client-context",
    "lambda-runtime-trace-id",
    "x-azure-functions-invocationid",
    "x-azure-functions-hostversion",
    "ce-id",
    "ce-source",
    "ce-type",
    "ce-specversion",
    "ce-time",
    "ce-subject",
    "x-goog-pubsub-message-id",
    "x-cloudtasks-taskretrycount",
    "x-cloudscheduler-scheduletime",
    "aeg-event-type",
];

/// Sends a message through an adapter, to a function that answers with the body that came, or to one of each class of events; to
/// one of them alone, where the message says so.
pub fn pass<A: Adapter>(adapter: A, message: Message<'_>) {
    const METHODS: [&str; 6] = ["GET", "POST", "PUT", "OPTIONS", "HEAD", "BREW"];
    const NAMES: [&str; 8] = ["echo", "queue", "topic", "stream", "storage", "schedule", "event", "changes"];
    let app = App::new().function(Echo {}).function(queue {}).function(topic {}).function(stream {});
    let app = app.function(storage {}).function(schedule {}).function(event {}).function(changes {});
    let app = match usize::from(message.function) % 16 {
        which @ 0..8 => app.only(NAMES[which]),
        _ => app,
    };
    let Ok(router) = app.router() else { return };
    let dispatch = Dispatch::new(adapter, router);
    let mut request = Request::new(Payload::from(message.body.to_vec()));
    if let Ok(method) = METHODS[usize::from(message.method) % METHODS.len()].parse() {
        *request.method_mut() = method;
    }
    if let Ok(uri) = Uri::try_from(message.path) {
        *request.uri_mut() = uri;
    }
    for (name, value) in message.headers {
        let name = match name {
            Name::Known(at) => Ok(HeaderName::from_static(KNOWN[usize::from(at) % KNOWN.len()])),
            Name::Any(name) => HeaderName::from_bytes(name),
        };
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
            request.headers_mut().append(name, value);
        }
    }
    let mut answer = pin!(dispatch.answer(request));
    // Many records take turns.
    let is_ready =
        (0..1000).any(|_| matches!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(_)));
    assert!(is_ready, "there is nothing to wait for");
}

/// Functions that read an event as what it should be, and take all of them.
mod functions {
    #![allow(missing_docs)]
    use omnifn::prelude::*;
    use serde_json::Value;

    #[function(queue = "a")]
    pub async fn queue(message: Message<Value>) {
        drop(message);
    }

    #[function(topic = "a")]
    pub async fn topic(message: Message<String>) {
        drop(message);
    }

    #[function(stream = "a")]
    pub async fn stream(message: Message<Bytes>) {
        drop(message);
    }

    #[function(storage = "a", on(created, deleted, archived, updated))]
    pub async fn storage(object: Object) {
        drop(object);
    }

    #[function(schedule = "0 3 * * *")]
    pub async fn schedule(tick: Tick) {
        drop(tick.input::<Value>());
    }

    #[function(event = "a")]
    pub async fn event(event: CloudEvent<Option<Value>>) {
        let _ = event.time();
    }

    #[function(changes = "a")]
    pub async fn changes(change: Change<Value>) {
        drop(change);
    }
}

use functions::{changes, event, queue, schedule, storage, stream, topic};

struct Echo {}

impl Function for Echo {
    const SPEC: &'static Spec = &Spec {
        name: "echo",
        trigger: Trigger::Http(HttpTrigger { routes: &[Route { methods: Methods::ANY, path: None }] }),
        options: Options::NONE,
        deploy: Deploy::NONE,
        grants: &[],
        secrets: &[],
        location: Location { module: module_path!(), file: file!(), line: line!() },
    };

    fn mount(self) -> Mount {
        Mount::handler(|request: Request<Body>| async move {
            let (head, body) = request.into_parts();
            let mut response = Response::new(body);
            *response.headers_mut() = head.headers;
            response
        })
    }
}
