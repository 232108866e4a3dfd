//! An app whose functions behave badly when asked to, and the plainest adapter.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, Request, Response};
use http_body::Frame;
use http_body_util::BodyExt;
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
        "thread" => Response::new(format!("{:?}", std::thread::current().id()).into()),
        "block" => {
            std::thread::sleep(Duration::from_millis(rest.parse().unwrap_or_default()));
            Response::new(Body::from("blocked"))
        }
        "parts" => Response::new(Body::new(Parts::new(rest))),
        // All that was seen, in one line, so that it can be compared.
        "seen" => {
            let (head, body) = request.into_parts();
            let mut lines: Vec<_> = head.headers.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
            lines.sort();
            let (trailers, body) = match body.collect().await {
                Ok(body) => (body.trailers().cloned(), body.to_bytes()),
                Err(_) => return Error::status(400, "the body broke off").into_response(),
            };
            let version = head.version == http::Version::HTTP_11;
            let seen = format!("{} {} {version} {lines:?} {trailers:?} {body:?}", head.method, head.uri);
            Response::new(seen.into())
        }
        "reply" => reply(request.headers()),
        // The body is read by another task; and its length is all that is known of it here.
        "elsewhere" => {
            let reading = tokio::spawn(Payload::from(request.into_body()).collect(usize::MAX));
            match reading.await {
                Ok(Ok(body)) => Response::new(body.len().to_string().into()),
                _ => Error::status(400, "the body broke off").into_response(),
            }
        }
        // The body is asked once, and not waited for.
        "glance" => {
            let mut body = request.into_body();
            let waits = std::future::poll_fn(|cx| {
                Poll::Ready(http_body::Body::poll_frame(Pin::new(&mut body), cx).is_pending())
            })
            .await;
            drop(body);
            Response::new(Body::from(if waits { "not here" } else { "here" }))
        }
        // The body is read by a thread whose runtime has no clock.
        "aside" => {
            let reading = std::thread::spawn(move || {
                let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
                runtime.block_on(Payload::from(request.into_body()).collect(usize::MAX))
            });
            match tokio::task::spawn_blocking(move || reading.join()).await {
                Ok(Ok(Ok(body))) => Response::new(body.len().to_string().into()),
                _ => Error::status(400, "the body broke off").into_response(),
            }
        }
        // The body is read when the answer has gone.
        "later" => {
            tokio::spawn(async move {
                sleep(Duration::from_millis(100)).await;
                let read = Payload::from(request.into_body()).collect(usize::MAX).await;
                eprintln!("read later: {:?}", read.map(|body| body.len()).ok());
            });
            Response::new(Body::from("fine"))
        }
        // Some of the body is read.
        "some" => {
            let mut body = request.into_body();
            let some = body.frame().await.is_some_and(|frame| frame.is_ok());
            Response::new(Body::from(if some { "some" } else { "none" }))
        }
        "dropped" => {
            let _told = Told;
            sleep(Duration::from_secs(600)).await;
            Response::new(Body::empty())
        }
        // A large body in pieces, which may not be asked for more than there is.
        "pieces" => {
            let piece = String::from_utf8(many(1_000)).unwrap_or_default();
            let mut parts = Parts::new("");
            parts.0 = std::iter::repeat_n(piece, rest.parse().unwrap_or_default()).collect();
            Response::new(Body::new(parts))
        }
        "large" => Response::new(Body::from(many(rest.parse().unwrap_or_default()))),
        // From now on, what the client sends goes back.
        "upgrade" => {
            tokio::spawn(async move {
                let upgraded = hyper::upgrade::on(request).await.expect("an upgrade");
                let (mut from, mut to) = tokio::io::split(hyper_util::rt::TokioIo::new(upgraded));
                tokio::io::copy(&mut from, &mut to).await.expect("a connection");
            });
            let mut reply = Response::new(Body::empty());
            *reply.status_mut() = http::StatusCode::SWITCHING_PROTOCOLS;
            reply.headers_mut().insert("connection", http::HeaderValue::from_static("upgrade"));
            reply.headers_mut().insert("upgrade", http::HeaderValue::from_static("echo"));
            reply
        }
        "panic" => panic!("the function has a mistake"),
        "error" => Error::status(503, "the database is gone").into_response(),
        _ => Response::new(Body::from("fine")),
    }
}

/// Tells that it was dropped.
struct Told;

impl Drop for Told {
    fn drop(&mut self) {
        eprintln!("the function was dropped");
    }
}

/// So many bytes, none like the one before.
pub(crate) fn many(length: usize) -> Vec<u8> {
    (0..length).map(|i| b'a' + u8::try_from(i % 23).unwrap_or_default()).collect()
}

/// The reply that the request describes.
fn reply(asked: &HeaderMap) -> Response<Body> {
    let text = |name: &str| asked.get(name).and_then(|value| value.to_str().ok());
    let mut reply = match (text("x-parts"), text("x-whole")) {
        (Some(parts), _) => Response::new(Body::new(Parts::new(parts))),
        (None, Some(whole)) => Response::new(Body::from(whole.to_owned())),
        (None, None) => Response::new(Body::empty()),
    };
    if let Some(status) = text("x-status").and_then(|status| status.parse().ok()) {
        *reply.status_mut() = status;
    }
    for (name, value) in asked {
        if let Some(Ok(name)) = name.as_str().strip_prefix("x-with-").map(str::parse::<HeaderName>) {
            reply.headers_mut().append(name, value.clone());
        }
    }
    reply
}

/// A body of these words, one frame each. `!error` and `!panic` do that, `!trailers` are some, a number waits so many milliseconds.
struct Parts(VecDeque<String>, Pin<Box<Sleep>>);

impl Parts {
    fn new(words: &str) -> Self {
        Parts(words.split(',').map(str::to_owned).collect(), Box::pin(sleep(Duration::ZERO)))
    }
}

impl http_body::Body for Parts {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        ready!(self.1.as_mut().poll(cx));
        match self.0.pop_front().as_deref() {
            None => Poll::Ready(None),
            Some("!error") => Poll::Ready(Some(Err("the disk is full".to_owned()))),
            Some("!trailers") => {
                let trailers = [("x-trail", "yes"), ("x-more", "yes"), ("host", "no")];
                let trailers = trailers
                    .map(|(name, value)| (HeaderName::from_static(name), http::HeaderValue::from_static(value)));
                Poll::Ready(Some(Ok(Frame::trailers(trailers.into_iter().collect()))))
            }
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
