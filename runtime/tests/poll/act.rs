//! An app whose function does what the event requests, and a minimal adapter for it.

use std::{
    collections::{BTreeMap, VecDeque},
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, request};
use http_body::Frame;
use omnifn_core::{
    Adapter, App, Body, Call, Decoded, Deploy, Error, Function, HttpTrigger, IntoResponse, Invocation, Location,
    Methods, Mount, Options, Payload, Reply, Route, Spec, Target, Trigger,
};

/// A provider whose event is the body of a request, and whose reply is the body of the response.
pub(crate) struct Direct;

impl Adapter for Direct {
    type Origin = ();

    fn provider(&self) -> &'static str {
        "direct"
    }

    fn reads_whole(&self, _: &request::Parts) -> bool {
        true
    }

    fn decode(&self, request: Request<Payload>) -> ((), Decoded) {
        if request.body().whole().is_some_and(|event| event.as_ref() == b"adapter panics") {
            panic!("this adapter has a mistake");
        }
        let id = request.headers().get("lambda-runtime-aws-request-id");
        let id = id.and_then(|id| id.to_str().ok()).map(str::to_owned);
        let request = request.map(Payload::into_body);
        let invocation = Invocation { id, ..Invocation::default() };
        ((), Decoded::Call(Call { request, target: Target::Route, invocation }))
    }

    fn sends_whole(&self, _: &(), response: &Response<Body>) -> bool {
        !response.headers().contains_key("x-stream")
    }

    fn encode(&self, _: (), reply: Reply) -> Response<Payload> {
        let mut response = reply.into_http();
        if response.status().is_server_error() {
            let kind = HeaderValue::from_static("Function.Failed");
            response.headers_mut().insert("lambda-runtime-function-error-type", kind);
        }
        response
    }
}

/// The app.
pub(crate) fn app() -> App {
    App::new().function(Act {})
}

struct Act {}

impl Function for Act {
    const SPEC: &'static Spec = &Spec {
        name: "act",
        trigger: Trigger::Http(HttpTrigger { routes: &[Route { methods: Methods::ANY, path: None }] }),
        options: Options::NONE,
        deploy: Deploy::NONE,
        grants: &[],
        secrets: &[],
        location: Location { module: module_path!(), file: file!(), line: line!() },
    };

    fn mount(self) -> Mount {
        Mount::handler(act)
    }
}

async fn act(request: Request<Body>) -> Response<Body> {
    let (head, body) = request.into_parts();
    let event = match Payload::from(body).collect(64 * 1024 * 1024).await {
        Ok(event) => event,
        Err(error) => return error.into_response(),
    };
    let event = String::from_utf8_lossy(&event);
    let (word, rest) = event.split_once(' ').unwrap_or((&event, ""));
    match word {
        "echo" => Response::new(Body::from(rest.to_owned())),
        "head" => {
            let lines = head.headers.iter().map(|(name, value)| format!("{name}={:?}\n", value.as_bytes()));
            Response::new(Body::from(lines.collect::<String>()))
        }
        "size" => Response::new(Body::from(event.len().to_string())),
        "nothing" => Response::new(Body::empty()),
        "give" => Response::new(Body::from(vec![b'x'; rest.parse().unwrap_or_default()])),
        "error" => Error::status(503, rest.to_owned()).into_response(),
        "panic" => panic!("{rest}"),
        "stream" => {
            let parts = rest.split(' ').map(str::to_owned).collect();
            let mut response = Response::new(Body::new(Parts(parts)));
            response.headers_mut().insert("x-stream", HeaderValue::from_static("1"));
            response.headers_mut().insert("content-type", HeaderValue::from_static("application/x-parts"));
            response
        }
        "meet" => {
            static HERE: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());
            let (expected, place) = rest.split_once(' ').unwrap_or((rest, ""));
            let expected = expected.parse().unwrap_or_default();
            *HERE.lock().unwrap().entry(place.to_owned()).or_default() += 1;
            while HERE.lock().unwrap().get(place).is_none_or(|here| *here < expected) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Response::new(Body::from("met"))
        }
        other => panic!("the function does not know {other:?}"),
    }
}

/// A body of these words, one frame each. The words `!error` and `!panic` do that; `!later` lets others run first.
struct Parts(VecDeque<String>);

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        match self.0.pop_front().as_deref() {
            None => Poll::Ready(None),
            Some("!error") => Poll::Ready(Some(Err("the database went away".to_owned()))),
            Some("!panic") => panic!("the stream panicked"),
            Some("!later") => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            Some(word) => Poll::Ready(Some(Ok(Frame::data(word.to_owned().into())))),
        }
    }
}
