//! The functions that every provider has to serve alike.

use std::{
    hash::{DefaultHasher, Hasher},
    pin::Pin,
    task::{self, Poll},
};

use http::{Request, Response, header};
use http_body::Frame;
use omnifn::prelude::*;
use serde::{Deserialize, Serialize};

use super::{super::setup::OwnContext, replies};

/// A request as a function received it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReceivedRequest {
    pub(crate) function: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    /// Names and values in order; a byte of a value is the character of that number.
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) length: usize,
    pub(crate) hash: u64,
}

impl ReceivedRequest {
    pub(crate) fn new(function: &str, head: &http::request::Parts, body: &[u8]) -> Self {
        let latin1 = |value: &http::HeaderValue| value.as_bytes().iter().copied().map(char::from).collect();
        let mut hasher = DefaultHasher::new();
        hasher.write(body);
        ReceivedRequest {
            function: function.to_owned(),
            method: head.method.to_string(),
            path: head.uri.path().to_owned(),
            query: head.uri.query().map(str::to_owned),
            headers: head.headers.iter().map(|(name, value)| (name.to_string(), latin1(value))).collect(),
            length: body.len(),
            hash: hasher.finish(),
        }
    }
}

/// Responds with the request that it received.
#[function(any = "/echo/{*rest}")]
async fn echo(context: Context, request: Request<Body>) -> Result<Json<ReceivedRequest>> {
    see(context, request).await
}

/// Reports what it receives, at any path.
#[function]
async fn everything(context: Context, request: Request<Body>) -> Result<Json<ReceivedRequest>> {
    see(context, request).await
}

async fn see(context: Context, request: Request<Body>) -> Result<Json<ReceivedRequest>> {
    let (head, body) = request.into_parts();
    let body = omnifn_core::Payload::Stream(body).collect(usize::MAX).await?;
    Ok(Json(ReceivedRequest::new(context.function_name(), &head, &body)))
}

/// Answers with the reply in the table.
#[function(get = "/reply/{name}")]
async fn reply(Path(name): Path<String>) -> Result<Response<Body>> {
    let reply = replies::named(&name).ok_or_else(|| Error::status(404, "there is no such reply"))?;
    Ok(reply.map(Body::from))
}

/// Answers with the received body and its media type.
#[function(post = "/mirror")]
async fn mirror(headers: HeaderMap, body: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::from(body));
    if let Some(value) = headers.get(header::CONTENT_TYPE) {
        response.headers_mut().insert(header::CONTENT_TYPE, value.clone());
    }
    response
}

/// Answers the body that comes while it comes.
#[function(post = "/pass")]
async fn pass(request: Request<Body>) -> Response<Body> {
    Response::new(request.into_body())
}

/// The body of the response of `/chunks`.
pub(crate) const CHUNKS: [&str; 3] = ["one, ", "two, ", "three"];

/// Answers in several pieces.
#[function(get = "/chunks")]
async fn chunks() -> Body {
    Body::new(Chunks { left: &CHUNKS, end: End::Clean, pause: true })
}

/// Breaks off in the middle of the answer.
#[function(get = "/breaks")]
async fn breaks() -> Body {
    Body::new(Chunks { left: &CHUNKS[..2], end: End::Error, pause: true })
}

/// Panics in the middle of the answer.
#[function(get = "/collapses")]
async fn collapses() -> Body {
    Body::new(Chunks { left: &CHUNKS[..2], end: End::Panic, pause: true })
}

/// A body in pieces that lets others run before each, as one from a socket would.
struct Chunks {
    left: &'static [&'static str],
    end: End,
    pause: bool,
}

enum End {
    Clean,
    Error,
    Panic,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if std::mem::replace(&mut self.pause, false) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        self.pause = true;
        match (self.left.split_first(), &self.end) {
            (Some((chunk, left)), _) => {
                self.left = left;
                Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(chunk.as_bytes())))))
            }
            (None, End::Clean) => Poll::Ready(None),
            (None, End::Error) => Poll::Ready(Some(Err(std::io::Error::other("the disk with hunter2 is gone")))),
            (None, End::Panic) => panic!("the body with hunter2 collapsed"),
        }
    }
}

/// An item of a shop.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    name: String,
    tags: Vec<u8>,
}

/// Takes a document.
#[function(post = "/items")]
async fn create(Json(item): Json<Item>) -> (StatusCode, Json<Item>) {
    (StatusCode::CREATED, Json(item))
}

/// Takes a number, and fails in every way.
#[function(get = "/items/{id}")]
async fn read(Path(id): Path<u16>) -> Result<String> {
    match id {
        404 => Err(Error::status(404, "there is no item 404").with_source(std::io::Error::other("hunter2"))),
        409 => Err(Error::status(409, "item 409 is \"sold\"")),
        503 => Err(Error::status(503, "the shelf with hunter2 is empty")),
        500 => {
            let number: u16 = "hunter2".parse()?;
            Ok(number.to_string())
        }
        600 => panic!("item 600 with hunter2"),
        601 => std::panic::panic_any(601),
        id => Ok(format!("item {id}")),
    }
}

/// Several methods of one function.
#[function(put = "/items/{id}", delete = "/items/{id}")]
async fn change(method: Method, Path(id): Path<u16>) -> String {
    format!("{method} {id}")
}

#[derive(Debug, Deserialize)]
struct Wanted {
    #[serde(default)]
    tag: Vec<String>,
    limit: Option<u8>,
}

/// Takes a query.
#[function(get = "/search")]
async fn search(Query(wanted): Query<Wanted>) -> String {
    format!("{:?} {:?}", wanted.tag, wanted.limit)
}

/// Takes what the app shares.
#[function(get = "/state")]
async fn state(State(word): State<&'static str>) -> &'static str {
    word
}

/// Sends the caller elsewhere.
#[function(get = "/old/{name}")]
async fn redirect(Path(name): Path<String>) -> (StatusCode, [(header::HeaderName, String); 1]) {
    (StatusCode::PERMANENT_REDIRECT, [(header::LOCATION, format!("/new/{name}?from=old"))])
}

/// The context of an invocation as a function received it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ReceivedContext {
    pub(crate) provider: String,
    pub(crate) function: String,
    pub(crate) invocation_id: String,
    pub(crate) cold_start: bool,
    pub(crate) trace: Option<String>,
    pub(crate) client_ip: Option<String>,
    pub(crate) has_deadline: bool,
    /// Whether there is time left, where there is a deadline.
    pub(crate) in_time: bool,
    /// The event that contained the request.
    pub(crate) raw: Option<String>,
    /// The typed contexts of omnifn's providers that are there, by the provider's name.
    pub(crate) typed: Vec<String>,
    /// Whether the typed context is there that the suite declares.
    pub(crate) has_own: bool,
}

/// Responds with the context that it received.
#[function(any = "/context")]
async fn context(context: Context, State(own): State<OwnContext>) -> Json<ReceivedContext> {
    let typed = [
        ("aws", context.provider_context::<omnifn::aws::LambdaContext>().is_some()),
        ("azure", context.provider_context::<omnifn::azure::AzureContext>().is_some()),
        ("gcp", context.provider_context::<omnifn::gcp::CloudRunContext>().is_some()),
        ("local", context.provider_context::<omnifn::local::LocalContext>().is_some()),
    ];
    Json(ReceivedContext {
        provider: context.provider().to_owned(),
        function: context.function_name().to_owned(),
        invocation_id: context.invocation_id().to_owned(),
        cold_start: context.cold_start(),
        trace: context.trace().map(|trace| trace.to_string()),
        client_ip: context.client_ip().map(|ip| ip.to_string()),
        has_deadline: context.deadline().is_some(),
        in_time: context.remaining().is_none_or(|left| !left.is_zero()),
        raw: context.raw().map(|raw| String::from_utf8_lossy(raw).into_owned()),
        typed: typed.into_iter().filter(|(_, there)| *there).map(|(name, _)| name.to_owned()).collect(),
        has_own: own.is_in(&context),
    })
}

/// A whole router of axum's.
#[function(any = "/shop/{*path}")]
fn shop() -> axum::Router {
    use axum::routing::{get, post};
    axum::Router::new()
        .route("/shop", get(async || "the shop"))
        .route("/shop/", get(async || "the shop, with a slash"))
        .route(
            "/shop/{aisle}/{shelf}",
            get(async |axum::extract::Path((a, s)): axum::extract::Path<(String, u8)>| format!("{a} {s}")),
        )
        .route(
            "/shop/orders",
            post(async |context: Context, body: String| format!("{}: {body}", context.function_name())),
        )
}

/// The app that most cases are for.
pub(crate) fn app() -> App {
    App::new()
        .function(echo {})
        .function(reply {})
        .function(mirror {})
        .function(pass {})
        .function(chunks {})
        .function(breaks {})
        .function(collapses {})
        .function(create {})
        .function(read {})
        .function(change {})
        .function(search {})
        .function(state {})
        .function(redirect {})
        .function(context {})
        .function(shop {})
        .state("shared")
}

/// An app of one function that takes every request.
pub(crate) fn bare() -> App {
    App::new().function(everything {})
}
