use std::{
    any::{Any, TypeId, type_name},
    marker::PhantomData,
};

use axum::{
    body::Body,
    extract::{FromRequest, FromRequestParts},
    response::{IntoResponse, Response},
};
use http::{Request, StatusCode, request::Parts};

use crate::{Error, ErrorKind, extract::State, function::StateType};

/// An argument of an HTTP function that is not the last: read from the request's head.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the head of an HTTP request",
    label = "not an argument of an HTTP function in this position",
    note = "every argument but the last is read from the head: `Path`, `Query`, `State`, `Context`, `HeaderMap`, `Method`, `Uri`, \
            or a type of your own that implements `FromRequestParts`",
    note = "an argument that reads the body (`Json`, `String`, `Bytes`, `http::Request<Body>`) goes last, and there can be one",
    note = "axum's `State` belongs to the state of an `axum::Router`: take omnifn's, `omnifn::extract::State`"
)]
pub trait FromHead: Sized {
    fn from_head(head: &mut Parts) -> impl Future<Output = Result<Self, Response>> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<()>> FromHead for T {
    async fn from_head(head: &mut Parts) -> Result<Self, Response> {
        T::from_request_parts(head, &()).await.map_err(rejected::<T>)
    }
}

/// The last argument of an HTTP function: read from the whole request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an HTTP request",
    label = "not an argument of an HTTP function",
    note = "an argument is an extractor: `Json`, `Path`, `Query`, `State`, `Context`, `HeaderMap`, `String`, `Bytes`, \
            `http::Request<Body>`, or a type of your own that implements `FromRequest` or `FromRequestParts`",
    note = "a JSON body is `Json<T>` where `T: serde::Deserialize`",
    note = "axum's `State` belongs to the state of an `axum::Router`: take omnifn's, `omnifn::extract::State`"
)]
pub trait FromCall<M>: Sized {
    fn from_call(head: Parts, body: Body) -> impl Future<Output = Result<Self, Response>> + Send;
}

#[diagnostic::do_not_recommend]
impl<M, T: FromRequest<(), M>> FromCall<M> for T {
    async fn from_call(head: Parts, body: Body) -> Result<Self, Response> {
        T::from_request(Request::from_parts(head, body), &()).await.map_err(rejected::<T>)
    }
}

/// Returns the response for an argument that could not be read. The texts of axum's `ConnectInfo` and `WebSocketUpgrade` blame the request,
/// but the reason is that the platform has no connection to the client.
fn rejected<T>(rejection: impl IntoResponse) -> Response {
    if type_name::<T>().starts_with("axum::extract::connect_info::ConnectInfo<") {
        let words = "this request did not arrive over a connection of its own, so there is no `ConnectInfo`: \
                     take `Option<Extension<ConnectInfo<SocketAddr>>>`, or use `Context::client_ip`";
        return Error::new(ErrorKind::Config, words).into_response();
    }
    let response = rejection.into_response();
    if type_name::<T>().starts_with("axum::extract::ws::WebSocketUpgrade")
        && response.status() == StatusCode::UPGRADE_REQUIRED
    {
        let words = "a WebSocket needs a connection that can be upgraded, and this request did not arrive over one: \
                     deploy this function to a server";
        return Error::status(StatusCode::UPGRADE_REQUIRED.as_u16(), words).into_response();
    }
    response
}

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
