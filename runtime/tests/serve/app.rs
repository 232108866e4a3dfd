//! An app whose functions behave badly when asked to, and the plainest adapter.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Frame;
use omnifn_core::{
    Adapter, App, Body, Call, Decoded, Deploy, Error, Function, HttpTrigger, IntoResponse, Invocation, Location,
    Methods, Mount, Options, Payload, Peer, Reply, Route, Spec, Target, Trigger, direct,
};
use tokio::time::{Sleep, sleep};

/// A provider that sends the request itself.
pub(crate) struct Plain;

impl Adapter for Plain {
    type Origin = ();

    fn provider(&self) -> &'static str {
        "plain"
    }

    fn decode(&self, request: Request<Payload>) -> ((), Decoded) {
        if request.uri().path() == "/adapter-panics" {
            panic!("this adapter has a mistake");
        }
        let request = direct::receive(request);
        ((), Decoded::Call(Call { request, target: Target::Route, invocation: Invocation::default() }))
    }

    fn encode(&self, _: (), reply: Reply) -> Response<Payload> {
        reply.into_http()
    }
}

pub(crate) fn app(start: &str) -> App {
    let app = App::new().function(Act {});
    match start {
        "error" => app.state_from(|| async { Err::<u8, _>(Error::status(500, "there is no \"database\"")) }),
        "panic" => app.state_from(async || -> Result<u8, Error> { panic!("the start panicked") }),
        "never" => app.state_from(|| async { Ok::<_, Error>(std::future::pending::<u8>().await) }),
        "two at once" => app.concurrency_limit(2),
        "stop" => app.state("the state").on_stop(async |state: &'static str| eprintln!("stopping with {state}")),
        "never stops" => app.on_stop(std::future::pending::<()>),
        _ => app,
    }
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
    let path = request.uri().path().to_owned();
    let mut segments = path.split('/').skip(1);
    let (word, rest) = (segments.next().unwrap_or_default(), segments.next().unwrap_or_default());
    match word {
        // The body goes back as it comes.
        "pass" => Response::new(request.into_body()),
        "size" => match Payload::from(request.into_body()).collect(rest.parse().unwrap_or(usize::MAX)).await {
            Ok(body) => Response::new(body.len().to_string().into()),
            Err(error) => error.into_response(),
        },
        "head" => {
            let head = request.headers().iter().map(|(name, value)| format!("{name}={value:?}\n"));
            Response::new(format!("{} {}\n{}", request.method(), request.uri(), head.collect::<String>()).into())
        }
        "peer" => {
            let local = request.extensions().get::<Peer>().is_some_and(|peer| peer.0.ip().is_loopback());
            Response::new(Body::from(if local { "loopback" } else { "unknown" }))
        }
        "sleep" => {
            sleep(Duration::from_millis(rest.parse().unwrap_or_default())).await;
            Response::new(Body::from("slept"))
        }
        "parts" => Response::new(Body::new(Parts(
            rest.split(',').map(str::to_owned).collect(),
            Box::pin(sleep(Duration::ZERO)),
        ))),
        "panic" => panic!("the function has a mistake"),
        "error" => Error::status(503, "the database is gone").into_response(),
        _ => Response::new(Body::from("fine")),
    }
}

/// A body of these words, one frame each. `!error` and `!panic` do that, a number waits so many milliseconds.
struct Parts(VecDeque<String>, Pin<Box<Sleep>>);

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        ready!(self.1.as_mut().poll(cx));
        match self.0.pop_front().as_deref() {
            None => Poll::Ready(None),
            Some("!error") => Poll::Ready(Some(Err("the disk is full".to_owned()))),
            Some("!panic") => panic!("the body has a mistake"),
            Some(word) => match word.parse() {
                Ok(wait) => {
                    self.1 = Box::pin(sleep(Duration::from_millis(wait)));
                    self.poll_frame(cx)
                }
                Err(_) => Poll::Ready(Some(Ok(Frame::data(word.to_owned().into())))),
            },
        }
    }
}
