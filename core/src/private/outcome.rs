//! The conversion of an HTTP function's return value into a response. A text as an error is a failure of the function. Otherwise the
//! first of these decides: the type's `IntoResponse`, what a `Result`'s error declares about itself (`FunctionError`), its `Into<Error>`.
//! Any other type is a compile error that explains this.
//!
//! The choice is made by the number of references that method resolution removes, so that a type which qualifies for several (an
//! error with a response of its own) takes the first: `(&mut &mut &mut &mut &mut given).omnifn_response()`.

use std::{borrow::Cow, future::Future};

use axum::response::{IntoResponse, Response};

use crate::{Error, FunctionError};

/// A return value that is to be converted into a response.
#[derive(Debug)]
pub struct ReturnValue<T>(pub Option<T>);

impl<T> ReturnValue<T> {
    pub fn new(answer: T) -> Self {
        ReturnValue(Some(answer))
    }
}

/// Converts `Result<_, String>` and the like, which axum would answer with the text and 200.
pub trait ResponseFromText {
    fn omnifn_response(&mut self) -> Response;
}

macro_rules! text {
    ($($text:ty),*) => {$(
        impl<T: IntoResponse> ResponseFromText for &mut &mut &mut &mut ReturnValue<Result<T, $text>> {
            fn omnifn_response(&mut self) -> Response {
                respond(self.0.take().map(|result| result.map_err(Error::from)))
            }
        }
    )*};
}

text!(String, &'static str, Cow<'static, str>);

pub trait ResponseFromValue {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse> ResponseFromValue for &mut &mut &mut ReturnValue<T> {
    fn omnifn_response(&mut self) -> Response {
        respond(self.0.take())
    }
}

pub trait ResponseFromFunctionError {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse, E: FunctionError> ResponseFromFunctionError for &mut &mut ReturnValue<Result<T, E>> {
    fn omnifn_response(&mut self) -> Response {
        respond(self.0.take().map(|result| result.map_err(Error::of)))
    }
}

pub trait ResponseFromError {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse, E: Into<Error>> ResponseFromError for &mut ReturnValue<Result<T, E>> {
    fn omnifn_response(&mut self) -> Response {
        respond(self.0.take().map(|result| result.map_err(Into::<Error>::into)))
    }
}

pub trait ResponseFallback {
    type Answer;
    fn omnifn_response(&mut self) -> Response
    where
        Self::Answer: IntoReply;
}

impl<T> ResponseFallback for ReturnValue<T> {
    type Answer = T;
    fn omnifn_response(&mut self) -> Response
    where
        T: IntoReply,
    {
        respond(self.0.take().map(IntoReply::into_reply))
    }
}

/// A return type of an HTTP function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid return type of an HTTP function",
    label = "does not implement `IntoResponse`",
    note = "a return type implements `IntoResponse`: `String`, `&'static str`, `Json<T>`, `StatusCode`, `Bytes`, \
            `http::Response<Body>`, tuples such as `(StatusCode, Json<T>)`, or a type of your own",
    note = "or a `Result` of it whose error implements `IntoResponse`, is text, is a `std::error::Error + Send + Sync + 'static`, \
            or converts into `omnifn::Error` otherwise, as `anyhow::Error` and `Box<dyn Error + Send + Sync>` do"
)]
pub trait IntoReply {
    fn into_reply(self) -> Response;
}

#[diagnostic::do_not_recommend]
impl<T: IntoResponse> IntoReply for T {
    fn into_reply(self) -> Response {
        self.into_response()
    }
}

/// Converts a value that is taken only once; the second time it is missing.
fn respond(answer: Option<impl IntoResponse>) -> Response {
    answer.map_or_else(Response::default, IntoResponse::into_response)
}

/// The result of the generated code: the function's response, or the rejection of an argument.
pub type Answer = Result<Response, Response>;

/// A function's future, which a multi-threaded runtime may move: it must be `Send`.
#[allow(
    clippy::manual_async_fn,
    reason = "`Send` is checked here, so that a future that is not `Send` is reported once"
)]
pub fn send<F: Future<Output = Answer> + Send>(future: F) -> impl Future<Output = Response> + Send {
    async { future.await.unwrap_or_else(|response| response) }
}
