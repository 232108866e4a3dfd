//! Any message at all is answered, and nothing panics: the whole pass from a provider's bytes to a provider's bytes.
//!
//! A message is a golden vector of the provider with changes, or made of nothing.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    pin::pin,
    sync::atomic::{AtomicUsize, Ordering},
    task::{Context, Poll, Waker},
};

use arbitrary::Arbitrary;
use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, Uri};
use omnifn_core::{
    Adapter, App, Body, Deploy, Function, HttpTrigger, Location, Methods, Mount, Options, Payload, Route, Settings,
    Spec, Trigger,
};
use omnifn_runtime::dispatch::Dispatch;
use serde_json::Value;

use crate::json;

#[path = "../../tests/support/vector_files.rs"]
#[allow(dead_code, missing_docs, unreachable_pub, reason = "the golden vectors have more than what is sent")]
mod vector_files;

/// A provider's message.
#[derive(Debug, Arbitrary)]
pub struct Message<'a> {
    start: Start<'a>,
    function: u8,
    edits: Vec<Edit<'a>>,
}

#[derive(Debug, Arbitrary)]
enum Start<'a> {
    Seed(u16),
    SeedToo(u16),
    Made { method: u8, path: &'a str, headers: Vec<(Name<'a>, &'a [u8])>, body: &'a [u8] },
}

#[derive(Debug, Arbitrary)]
enum Edit<'a> {
    Method(u8),
    Path(&'a str),
    Header(Name<'a>, &'a [u8]),
    /// One of the headers is missing.
    Without(u8),
    Json(json::Edit<'a>),
    JsonToo(json::Edit<'a>),
    Bytes(u16, u8, &'a [u8]),
    Cut(u16),
}

/// A header's name: one that the platforms use, most often.
#[derive(Debug, Arbitrary)]
enum Name<'a> {
    Known(u8),
    Any(&'a [u8]),
}

const KNOWN: [&str; 30] = [
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
    "ce-dataschema",
    "ce-tenant",
    "x-goog-pubsub-message-id",
    "x-cloudtasks-taskretrycount",
    "x-cloudscheduler-scheduletime",
    "aeg-event-type",
    "webhook-request-origin",
    "webhook-request-callback",
];

const METHODS: [&str; 6] = ["GET", "POST", "PUT", "OPTIONS", "HEAD", "BREW"];

/// The functions, one of each class, by the class's name.
pub const FUNCTIONS: [&str; 9] =
    ["http", "queue", "topic", "stream", "storage", "schedule", "event", "changes", "invoke"];

/// How often each of [`FUNCTIONS`] has run.
pub static RUNS: [AtomicUsize; 9] = [const { AtomicUsize::new(0) }; 9];

/// The golden vectors of a provider.
#[derive(Debug)]
pub struct Provider<A> {
    new: fn(&dyn Settings) -> A,
    seeds: Vec<Seed>,
}

#[derive(Debug, Clone)]
struct Seed {
    settings: BTreeMap<String, String>,
    /// An index in [`FUNCTIONS`].
    function: usize,
    method: String,
    path: String,
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl<A: Adapter> Provider<A> {
    /// Reads the golden vectors of a provider, which is called as its folder is.
    pub fn new(name: &str, new: fn(&dyn Settings) -> A) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("adapters").join(name));
        let fixtures = folder.map(|folder| folder.join("fixtures")).find(|folder| folder.is_dir());
        let fixtures = fixtures.expect("the golden vectors, beside the fuzz targets");
        let mut seeds = Vec::new();
        for kind in ["http", "events"] {
            let cases = fs::read_dir(fixtures.join(kind)).expect("a folder of golden vectors");
            let mut cases: Vec<_> = cases.map(|case| case.expect("a golden vector").path()).collect();
            cases.sort();
            seeds.extend(cases.iter().filter_map(|case| Seed::read(case)));
        }
        assert!(seeds.len() >= 10, "{} golden vectors in {}", seeds.len(), fixtures.display());
        // A provider delivers the messages of a topic and of a stream as it does those of a queue, unless it has vectors of its own.
        for class in ["topic", "stream"].map(|class| FUNCTIONS.iter().position(|name| *name == class)) {
            let Some(class) = class.filter(|class| seeds.iter().all(|seed: &Seed| seed.function != *class)) else {
                continue;
            };
            let queue: Vec<_> = seeds.iter().filter(|seed| FUNCTIONS[seed.function] == "queue").cloned().collect();
            seeds.extend(queue.into_iter().map(|seed| Seed { function: class, ..seed }));
        }
        // Payloads that belong to the user.
        let invoke = Seed {
            settings: BTreeMap::new(),
            function: 8,
            method: "POST".to_owned(),
            path: "/invoke".to_owned(),
            headers: Vec::new(),
            body: Bytes::from_static(br#"{"items": [{"price": 3}], "Records": [], "requestContext": {}}"#),
        };
        seeds.push(invoke);
        Provider { new, seeds }
    }

    /// Sends each golden vector unchanged.
    pub fn pass_seeds(&self) {
        for at in 0..self.seeds.len() {
            self.pass(Message { start: Start::Seed(at as u16), function: 0, edits: Vec::new() });
        }
    }

    /// Sends a message to a function of the class that it is for; to another one, or to an app with all of them, where the message
    /// says so.
    pub fn pass(&self, message: Message<'_>) {
        let seed = match message.start {
            Start::Seed(at) | Start::SeedToo(at) => &self.seeds[usize::from(at) % self.seeds.len()],
            Start::Made { method, .. } => &self.seeds[usize::from(method) % self.seeds.len()],
        };
        let setting = |name: &str| match seed.settings.get(name) {
            Some(value) => Some(value.clone()),
            // Events are decoded beside the requests of clients.
            None => (name == "OMNIFN_PRIVATE").then(|| "true".to_owned()),
        };
        let app = App::new().function(Echo {}).function(queue {}).function(topic {}).function(stream {});
        let app = app.function(storage {}).function(schedule {}).function(event {}).function(changes {});
        let app = app.function(invoke {});
        let name = FUNCTIONS[seed.function];
        let app = match usize::from(message.function) % 32 {
            which @ 0..9 if which > 0 => app.only(FUNCTIONS[which]),
            9..12 => app,
            12..14 => app.only("http,queue,topic,stream,storage,event,changes"),
            _ => app.only(name),
        };
        let Ok(router) = app.router() else { return };
        let dispatch = Dispatch::new((self.new)(&setting), router);
        let request = match message.start {
            Start::Seed(_) | Start::SeedToo(_) => seed.request(name),
            Start::Made { method, path, headers, body } => {
                let mut request = Request::new(Bytes::copy_from_slice(body));
                let first = [Edit::Method(method), Edit::Path(path)];
                let headers = headers.into_iter().map(|(name, value)| Edit::Header(name, value));
                first.into_iter().chain(headers).for_each(|edit| edit.apply(&mut request));
                request
            }
        };
        let request = message.edits.into_iter().fold(request, |mut request, edit| {
            edit.apply(&mut request);
            request
        });
        let mut answer = pin!(async {
            let (head, payload) = dispatch.answer(request.map(Payload::Whole)).await.into_parts();
            Response::from_parts(head, payload.collect(64 << 20).await)
        });
        // Many records take turns.
        let is_ready =
            (0..1000).any(|_| matches!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(_)));
        assert!(is_ready, "there is nothing to wait for");
    }
}

impl Seed {
    fn read(case: &Path) -> Option<Seed> {
        let text = |file: &str| fs::read_to_string(case.join(file)).ok();
        let message: vector_files::Message =
            serde_json::from_str(&text("in.json")?).unwrap_or_else(|e| panic!("{}: {e}", case.display()));
        let (head, payload) = message.into_request().into_parts();
        let function: Option<Value> = text("function.json").and_then(|text| serde_json::from_str(&text).ok());
        let class = function.as_ref().and_then(|function| function["class"].as_str()).unwrap_or("http");
        Some(Seed {
            settings: text("settings.json").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            function: FUNCTIONS.iter().position(|name| *name == class)?,
            method: head.method.to_string(),
            path: head.uri.to_string(),
            headers: head.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect(),
            // Large ones would take all the time.
            body: payload.whole().filter(|body| body.len() < 100_000)?.clone(),
        })
    }

    /// The functions of golden vectors are all called `take`.
    fn request(&self, function: &str) -> Request<Bytes> {
        let mut request = Request::new(self.body.clone());
        let path = match self.function {
            0 => self.path.clone(),
            _ => self.path.replacen("/take", &format!("/{function}"), 1),
        };
        *request.method_mut() = self.method.parse().expect("a method of a golden vector");
        *request.uri_mut() = path.parse().expect("a path of a golden vector");
        request.headers_mut().extend(self.headers.iter().map(|(name, value)| (Some(name.clone()), value.clone())));
        request
    }
}

impl Edit<'_> {
    fn apply(self, request: &mut Request<Bytes>) {
        match self {
            Edit::Method(which) => {
                *request.method_mut() = METHODS[usize::from(which) % METHODS.len()].parse().expect("a method");
            }
            Edit::Path(path) => {
                if let Ok(uri) = Uri::try_from(path) {
                    *request.uri_mut() = uri;
                }
            }
            Edit::Header(name, value) => {
                let name = match name {
                    Name::Known(at) => Ok(HeaderName::from_static(KNOWN[usize::from(at) % KNOWN.len()])),
                    Name::Any(name) => HeaderName::from_bytes(name),
                };
                if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value)) {
                    request.headers_mut().append(name, value);
                }
            }
            Edit::Without(which) => {
                let count = request.headers().keys_len().max(1);
                if let Some(name) = request.headers().keys().nth(usize::from(which) % count).cloned() {
                    request.headers_mut().remove(name);
                }
            }
            Edit::Json(edit) | Edit::JsonToo(edit) => {
                if let Ok(mut document) = serde_json::from_slice(request.body()) {
                    edit.apply(&mut document);
                    *request.body_mut() = document.to_string().into();
                }
            }
            Edit::Bytes(at, removed, inserted) => {
                let mut body = request.body().to_vec();
                let at = usize::from(at) % (body.len() + 1);
                let end = (at + usize::from(removed)).min(body.len());
                body.splice(at..end, inserted.iter().copied());
                *request.body_mut() = body.into();
            }
            Edit::Cut(length) => {
                let length = usize::from(length).min(request.body().len());
                *request.body_mut() = request.body().slice(..length);
            }
        }
    }
}

fn ran(function: &str) {
    if let Some(at) = FUNCTIONS.iter().position(|name| *name == function) {
        RUNS[at].fetch_add(1, Ordering::Relaxed);
    }
}

/// Functions that read an event as what it should be, and take all of them.
mod functions {
    #![allow(missing_docs, missing_debug_implementations, unreachable_pub)]

    use omnifn::prelude::*;
    use serde_json::Value;

    use super::ran;

    #[function(queue = "a")]
    pub async fn queue(message: Message<Value>) {
        drop(message);
        ran("queue");
    }

    #[function(topic = "a")]
    pub async fn topic(message: Message<String>) {
        drop(message);
        ran("topic");
    }

    #[function(stream = "a")]
    pub async fn stream(message: Message<Bytes>) {
        drop(message);
        ran("stream");
    }

    #[function(stream = "b", service = "iot")]
    pub async fn device(message: Message<Value>) {
        drop(message);
        ran("device");
    }

    #[function(storage = "a", on(created, deleted, archived, updated))]
    pub async fn storage(object: Object) {
        drop(object);
        ran("storage");
    }

    #[function(schedule = "0 3 * * *")]
    pub async fn schedule(tick: Tick) {
        drop(tick.input::<Value>());
        ran("schedule");
    }

    #[function(event = "a")]
    pub async fn event(event: CloudEvent<Option<Value>>) {
        let _ = event.time();
        ran("event");
    }

    #[function(changes = "a")]
    pub async fn changes(change: Change<Value>) {
        drop(change);
        ran("changes");
    }

    #[function(invoke)]
    pub async fn invoke(Json(value): Json<Value>) -> Json<Value> {
        ran("invoke");
        Json(value)
    }
}

use functions::{changes, event, invoke, queue, schedule, storage, stream, topic};

struct Echo {}

impl Function for Echo {
    const SPEC: &'static Spec = &Spec {
        name: "http",
        trigger: Trigger::Http(HttpTrigger { routes: &[Route { methods: Methods::ANY, path: None }] }),
        options: Options::NONE,
        deploy: Deploy::NONE,
        grants: &[],
        secrets: &[],
        location: Location { module: module_path!(), file: file!(), line: line!() },
    };

    fn mount(self) -> Mount {
        Mount::handler(|request: Request<Body>| async move {
            ran("http");
            let (head, body) = request.into_parts();
            let mut response = Response::new(body);
            *response.headers_mut() = head.headers;
            response
        })
    }
}
