//! The same function on omnifn and on `lambda_http`, from the bytes of an event to the bytes of a reply. The loop around it
//! and its connections are left out on both sides.

pub mod codecs;

use std::{convert::Infallible, sync::Arc};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue};
use lambda_http::{
    LambdaEvent,
    lambda_runtime::{Config, Context},
    request::LambdaRequest,
};
use omnifn::prelude::*;
use omnifn_aws::Aws;
use omnifn_core::Payload;
use omnifn_runtime::dispatch::Dispatch;
use tower_service::Service;

/// A request of a browser behind an HTTP API: 17 headers, two cookies, a JSON body; 2 kB.
pub const EVENT: &str = include_str!("../events/http-api-v2.json");

/// What the Lambda Runtime API sends beside the event.
const HEAD: [(&str, &str); 4] = [
    ("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd"),
    ("lambda-runtime-deadline-ms", "1794000000000"),
    ("lambda-runtime-invoked-function-arn", "arn:aws:lambda:eu-west-1:123456789012:function:orders"),
    ("lambda-runtime-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"),
];

#[function(any = "/{*path}")]
async fn greet(Path(path): Path<String>) -> String {
    format!("Hello, {path}!")
}

/// omnifn's side.
#[derive(Debug)]
pub struct Omnifn {
    dispatch: Dispatch<Aws>,
    head: HeaderMap,
}

impl Omnifn {
    /// The app, ready for events.
    ///
    /// # Panics
    /// Where the app cannot be built.
    #[expect(clippy::new_without_default, reason = "it does work")]
    pub fn new() -> Self {
        let router = App::new().function(greet {}).router().expect("one function");
        let head = HEAD.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        Omnifn { dispatch: Dispatch::new(Aws::new(&|_: &str| None), router), head: head.into_iter().collect() }
    }

    /// The head of the next event: not part of what is measured, for both loops have it from their HTTP client.
    pub fn head(&self) -> HeaderMap {
        self.head.clone()
    }

    /// From the bytes of an event to the bytes of a reply.
    pub async fn invoke(&self, head: HeaderMap, event: Bytes) -> Bytes {
        let mut request = http::Request::new(Payload::Whole(event));
        *request.headers_mut() = head;
        let reply = self.dispatch.answer(request).await.into_body();
        reply.whole().cloned().unwrap_or_default()
    }
}

/// `lambda_http`'s side.
#[derive(Debug)]
pub struct LambdaHttp {
    config: Arc<Config>,
    head: HeaderMap,
}

impl LambdaHttp {
    /// Ready for events.
    #[expect(clippy::new_without_default, reason = "the two sides look alike")]
    pub fn new() -> Self {
        let head = HEAD.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        LambdaHttp { config: Arc::default(), head: head.into_iter().collect() }
    }

    /// The head of the next event.
    pub fn head(&self) -> HeaderMap {
        self.head.clone()
    }

    /// From the bytes of an event to the bytes of a reply, as `lambda_runtime` does it with `lambda_http::run`.
    ///
    /// # Panics
    /// Where `lambda_http` cannot.
    pub async fn invoke(&self, head: HeaderMap, event: Bytes) -> Bytes {
        let context =
            Context::new("8476a536-e9f4-11e8-9739-2dfe598c3fcd", self.config.clone(), &head).expect("a context");
        let request: LambdaRequest = serde_json::from_slice(&event).expect("an event");
        let greet = lambda_http::service_fn(async |request: lambda_http::Request| {
            Ok::<_, Infallible>(format!("Hello, {}!", request.uri().path().trim_start_matches('/')))
        });
        let Ok(reply) = lambda_http::Adapter::from(greet).call(LambdaEvent::new(request, context)).await;
        serde_json::to_vec(&reply).expect("a reply").into()
    }
}
