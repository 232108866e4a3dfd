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
pub struct Given<T>(pub Option<T>);

impl<T> Given<T> {
    pub fn new(answer: T) -> Self {
        Given(Some(answer))
    }
}

/// Converts `Result<_, String>` and the like, which axum would answer with the text and 200.
pub trait ViaText {
    fn omnifn_response(&mut self) -> Response;
}

macro_rules! text {
    ($($text:ty),*) => {$(
        impl<T: IntoResponse> ViaText for &mut &mut &mut &mut Given<Result<T, $text>> {
            fn omnifn_response(&mut self) -> Response {
                respond(self.0.take().map(|result| result.map_err(Error::from)))
            }
        }
    )*};
}

text!(String, &'static str, Cow<'static, str>);

pub trait ViaResponse {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse> ViaResponse for &mut &mut &mut Given<T> {
    fn omnifn_response(&mut self) -> Response {
        respond(self.0.take())
    }
}

pub trait ViaClassified {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse, E: FunctionError> ViaClassified for &mut &mut Given<Result<T, E>> {
    fn omnifn_response(&mut self) -> Response {
        respond(self.0.take().map(|result| result.map_err(Error::of)))
    }
}

pub trait ViaError {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse, E: Into<Error>> ViaError for &mut Given<Result<T, E>> {
    fn omnifn_response(&mut self) -> Response {
        respond(self.0.take().map(|result| result.map_err(Into::<Error>::into)))
    }
}

pub trait ViaNeither {
    type Answer;
    fn omnifn_response(&mut self) -> Response
    where
        Self::Answer: IntoReply;
}

impl<T> ViaNeither for Given<T> {
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
    message = "`{Self}` cannot be the answer of an HTTP function",
    label = "no HTTP response can be made of this",
    note = "an answer is anything that implements `IntoResponse`: `String`, `&'static str`, `Json<T>`, `StatusCode`, `Bytes`, \
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
#[allow(clippy::manual_async_fn, reason = "that it is `Send` is proved here, and one error is enough where it is not")]
pub fn send<F: Future<Output = Answer> + Send>(future: F) -> impl Future<Output = Response> + Send {
    async { future.await.unwrap_or_else(|response| response) }
}
