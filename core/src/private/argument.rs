use axum_core::{
    body::Body,
    extract::{FromRequest, FromRequestParts},
    response::{IntoResponse, Response},
};
use futures_util::TryFutureExt as _;
use http::{Request, request::Parts};

/// An argument of an HTTP function that is not the last: read from the request's head.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the head of an HTTP request",
    label = "not an argument of an HTTP function in this position",
    note = "every argument but the last is read from the head: `Path`, `Query`, `State`, `Context`, `HeaderMap`, `Method`, `Uri`, \
            or a type of your own that implements `FromRequestParts`",
    note = "an argument that reads the body (`Json`, `String`, `Bytes`, `http::Request<Body>`) goes last, and there can be one"
)]
pub trait FromHead: Sized {
    fn from_head(head: &mut Parts) -> impl Future<Output = Result<Self, Response>> + Send;
}

#[diagnostic::do_not_recommend]
impl<T: FromRequestParts<()>> FromHead for T {
    async fn from_head(head: &mut Parts) -> Result<Self, Response> {
        T::from_request_parts(head, &()).await.map_err(IntoResponse::into_response)
    }
}

/// The last argument of an HTTP function: read from the whole request.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an HTTP request",
    label = "not an argument of an HTTP function",
    note = "an argument is an extractor: `Json`, `Path`, `Query`, `State`, `Context`, `HeaderMap`, `String`, `Bytes`, \
            `http::Request<Body>`, or a type of your own that implements `FromRequest` or `FromRequestParts`",
    note = "a JSON body is `Json<T>` where `T: serde::Deserialize`"
)]
pub trait FromCall<M>: Sized {
    fn from_call(head: Parts, body: Body) -> impl Future<Output = Result<Self, Response>> + Send;
}

#[diagnostic::do_not_recommend]
impl<M, T: FromRequest<(), M>> FromCall<M> for T {
    // Not `async fn`, which would hold the request twice.
    fn from_call(head: Parts, body: Body) -> impl Future<Output = Result<Self, Response>> + Send {
        T::from_request(Request::from_parts(head, body), &()).map_err(IntoResponse::into_response)
    }
}

/// Reads an argument from the request's head.
// Not `async fn`: what is known to be `Send` here need not be proved again in the user's crate, where it could not be for a
// type with a `'static` in it.
pub fn head<T: FromHead>(head: &mut Parts) -> impl Future<Output = Result<T, Response>> + Send {
    T::from_head(head)
}

/// Reads the last argument, which may take the body.
pub fn body<T: FromCall<M>, M>(head: Parts, body: Body) -> impl Future<Output = Result<T, Response>> + Send {
    T::from_call(head, body)
}
