//! The answer of an HTTP function as a response. Text as an error is a failure of the function; otherwise `IntoResponse` counts where the
//! type has it, then what a `Result`'s error declares about itself, then its `Into<Error>`; anything else is a compile error that explains
//! this.
//!
//! The choice is made by the number of references that method resolution takes away, so that a type which could go several ways
//! (an error with a response of its own) takes the first: `(&mut &mut &mut &mut &mut given).omnifn_response()`.

use std::{borrow::Cow, future::Future};

use axum::response::{IntoResponse, Response};

use crate::{Error, FunctionError};

/// An answer that is to become a response.
#[derive(Debug)]
pub struct Given<T>(pub Option<T>);

impl<T> Given<T> {
    pub fn new(answer: T) -> Self {
        Given(Some(answer))
    }
}

/// For `Result<_, String>`: axum would answer with the text and 200.
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

/// What an HTTP function may answer.
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

/// The answer is taken once; a second time there would be nothing.
fn respond(answer: Option<impl IntoResponse>) -> Response {
    answer.map_or_else(Response::default, IntoResponse::into_response)
}

/// What the generated lines make of a request: the function's response, or that of an argument which could not be read.
pub type Answer = Result<Response, Response>;

/// A function's future, which a multi-threaded runtime may move: it must be `Send`.
pub fn send<F: Future<Output = Answer> + Send>(future: F) -> impl Future<Output = Response> + Send {
    async { future.await.unwrap_or_else(|response| response) }
}
