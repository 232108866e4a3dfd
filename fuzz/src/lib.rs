//! Any message at all is answered, and nothing panics: the whole pass from a provider's bytes to a provider's bytes.

use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

use arbitrary::Arbitrary;
use http::{HeaderName, HeaderValue, Request, Response, Uri};
use omnifn_core::{
    Adapter, App, Body, Function, HttpTrigger, Location, Methods, Mount, Payload, Route, Spec, Trigger, Options,
};
use omnifn_runtime::dispatch::Dispatch;

/// A provider's message.
#[derive(Debug, Arbitrary)]
pub struct Message<'a> {
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

const KNOWN: [&str; 16] = [
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
];

/// Sends a message through an adapter, to a function that answers with the body that came.
pub fn pass<A: Adapter>(adapter: A, message: Message<'_>) {
    const METHODS: [&str; 6] = ["GET", "POST", "PUT", "OPTIONS", "HEAD", "BREW"];
    let Ok(router) = App::new().function(Echo {}).router() else { return };
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
    let polled = answer.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    assert!(matches!(polled, Poll::Ready(_)), "there is nothing to wait for");
}

struct Echo {}

impl Function for Echo {
    const SPEC: &'static Spec = &Spec {
        name: "echo",
        trigger: Trigger::Http(HttpTrigger { routes: &[Route { methods: Methods::ANY, path: None }] }),
        options: Options::NONE,
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
