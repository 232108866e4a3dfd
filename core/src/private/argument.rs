use std::{
    any::{Any, TypeId, type_name},
    marker::PhantomData,
};

use axum::{
    body::{Body, HttpBody as _, to_bytes},
    extract::{FromRequest, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::{Request, StatusCode, request::Parts};

use crate::{Error, ErrorKind, cut::cut, extract::State, function::StateType};

/// An argument of an HTTP function that is not the last: read from the request's head.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the head of an HTTP request",
    label = "not an argument of an HTTP function in this position",
    note = "every argument but the last is read from the head: `Path`, `Query`, `State`, `Context`, `HeaderMap`, `Method`, `Uri`, \
            or a type of your own that implements `FromRequestParts`",
    note = "an argument that reads the body (`Json`, `String`, `Bytes`, `http::Request<Body>`) must be the last argument, and there can be only one",
    note = "axum's `State` reads the state of an `axum::Router`: use omnifn's, `omnifn::extract::State`"
)]
pub trait FromHead: Sized {
    fn from_head(head: &mut Parts) -> impl Future<Output = Result<Self, Response>> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<()>> FromHead for T {
    async fn from_head(head: &mut Parts) -> Result<Self, Response> {
        let response = match T::from_request_parts(head, &()).await {
            Ok(argument) => return Ok(argument),
            Err(rejection) => rejection.into_response(),
        };
        Err(rejected::<T>(response).await)
    }
}

/// The last argument of an HTTP function: read from the whole request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an HTTP request",
    label = "not an argument of an HTTP function",
    note = "expected an extractor: `Json`, `Path`, `Query`, `State`, `Context`, `HeaderMap`, `String`, `Bytes`, \
            `http::Request<Body>`, or a type of your own that implements `FromRequest` or `FromRequestParts`",
    note = "a JSON body is `Json<T>` where `T: serde::Deserialize`",
    note = "axum's `State` reads the state of an `axum::Router`: use omnifn's, `omnifn::extract::State`"
)]
pub trait FromCall<M>: Sized {
    fn from_call(head: Parts, body: Body) -> impl Future<Output = Result<Self, Response>> + Send;
}

#[diagnostic::do_not_recommend]
impl<M, T: FromRequest<(), M>> FromCall<M> for T {
    async fn from_call(head: Parts, body: Body) -> Result<Self, Response> {
        let response = match T::from_request(Request::from_parts(head, body), &()).await {
            Ok(argument) => return Ok(argument),
            Err(rejection) => rejection.into_response(),
        };
        Err(rejected::<T>(response).await)
    }
}

/// Returns the response for an argument that could not be read. The texts of axum's `ConnectInfo` and `WebSocketUpgrade` blame the request,
/// but the reason is that the platform has no connection to the client. A rejection that is the fault of the program, such as a missing
/// `Extension`, becomes an error in the extensions, so that it is logged.
async fn rejected<T>(response: Response) -> Response {
    if type_name::<T>().starts_with("axum::extract::connect_info::ConnectInfo<") {
        let words = "this request did not arrive over a connection of its own, so there is no `ConnectInfo`: \
                     take `Option<Extension<ConnectInfo<SocketAddr>>>`, or use `Context::client_ip`";
        return Error::new(ErrorKind::Config, words).into_response();
    }
    if type_name::<T>().starts_with("axum::extract::ws::WebSocketUpgrade")
        && response.status() == StatusCode::UPGRADE_REQUIRED
    {
        let words = "a WebSocket needs a connection that can be upgraded, and this request did not arrive over one: \
                     deploy this function to a server";
        return Error::status(StatusCode::UPGRADE_REQUIRED.as_u16(), words).into_response();
    }
    if !response.status().is_server_error() || response.extensions().get::<Error>().is_some() {
        return response;
    }
    explained::<T>(response).await
}

/// Adds the error of a rejected argument to the response. The texts of axum's own extractors name types only; the text of another one may
/// quote the request, so it is not logged.
async fn explained<T>(response: Response) -> Response {
    let (mut head, mut body) = response.into_parts();
    let name = type_name::<T>();
    let mut reason = String::new();
    let size = body.size_hint().exact().filter(|size| *size <= REASON_LIMIT);
    if let Some(size) = size.filter(|_| name.starts_with("axum")) {
        let text = to_bytes(body, size as usize).await.unwrap_or_default();
        reason = format!(": {}", cut(&String::from_utf8_lossy(&text)));
        body = Body::from(text);
    }
    let error = Error::status(head.status, format!("the argument `{name}` was rejected with {}{reason}", head.status));
    head.extensions.insert(error);
    Response::from_parts(head, body)
}

/// The longest text of a rejection that is logged, in bytes.
const REASON_LIMIT: u64 = 4096;

/// Reads an argument from the request's head.
// This is not an `async fn`, so that `Send` is proved here and not in the user's crate, where it could not be proved for a type with a
// `'static` in it.
pub fn head<T: FromHead>(head: &mut Parts) -> impl Future<Output = Result<T, Response>> + Send {
    T::from_head(head)
}

/// Reads the last argument, which may take the body.
pub fn body<T: FromCall<M>, M>(head: Parts, body: Body) -> impl Future<Output = Result<T, Response>> + Send {
    T::from_call(head, body)
}

/// The type of an argument, by which the state that it takes is found, if it takes one. The choice is made as for a response.
#[derive(Debug)]
pub struct Argument<T>(PhantomData<fn() -> T>);

impl<T> Argument<T> {
    #[allow(clippy::new_without_default, reason = "named by generated code alone")]
    pub fn new() -> Self {
        Argument(PhantomData)
    }
}

pub trait TakesState {
    fn omnifn_state(&self) -> Option<StateType>;
}

impl<T: Any> TakesState for &Argument<State<T>> {
    fn omnifn_state(&self) -> Option<StateType> {
        Some(StateType { id: TypeId::of::<T>(), name: type_name::<T>() })
    }
}

pub trait TakesOther {
    fn omnifn_state(&self) -> Option<StateType>;
}

impl<T> TakesOther for Argument<T> {
    fn omnifn_state(&self) -> Option<StateType> {
        None
    }
}
