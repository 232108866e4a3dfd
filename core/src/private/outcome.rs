//! The answer of an HTTP function as a response: by `IntoResponse` where the type has it, else by what a `Result`'s error says of
//! itself, else by its `Into<Error>`, else an error of the compiler that says so.
//!
//! The choice is made by the number of references that method resolution takes away, so that a type which could go several ways
//! (an error with a response of its own) takes the first: `(&mut &mut &mut &mut given).omnifn_response()`.

use std::future::Future;

use axum_core::response::{IntoResponse, Response};
use futures_util::FutureExt as _;

use crate::{Error, FunctionError};

/// An answer, on its way to be a response.
#[derive(Debug)]
pub struct Given<T>(pub Option<T>);

impl<T> Given<T> {
    pub fn new(answer: T) -> Self {
        Given(Some(answer))
    }
}

pub trait ViaResponse {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse> ViaResponse for &mut &mut &mut Given<T> {
    fn omnifn_response(&mut self) -> Response {
        self.0.take().into_response_or_empty()
    }
}

pub trait ViaClassified {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse, E: FunctionError> ViaClassified for &mut &mut Given<Result<T, E>> {
    fn omnifn_response(&mut self) -> Response {
        self.0.take().map(|result| result.map_err(Error::of)).into_response_or_empty()
    }
}

pub trait ViaError {
    fn omnifn_response(&mut self) -> Response;
}

impl<T: IntoResponse, E: Into<Error>> ViaError for &mut Given<Result<T, E>> {
    fn omnifn_response(&mut self) -> Response {
        self.0.take().map(|result| result.map_err(Into::into)).into_response_or_empty()
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
        self.0.take().map(IntoReply::into_reply).into_response_or_empty()
    }
}

/// What an HTTP function may answer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer of an HTTP function",
    label = "no HTTP response can be made of this",
    note = "an answer is anything that implements `IntoResponse`: `String`, `&'static str`, `Json<T>`, `StatusCode`, `Bytes`, \
            `http::Response<Body>`, tuples such as `(StatusCode, Json<T>)`, or a type of your own",
    note = "or a `Result` of it whose error implements `IntoResponse`, converts into `omnifn::Error`, is a \
            `std::error::Error + Send + Sync + 'static`, or converts into a box of one, as `anyhow::Error` does"
)]
pub trait IntoReply {
    fn into_reply(self) -> Response;
}

/// An error that is no standard error itself, for it takes all of them, but can be boxed as one.
#[diagnostic::do_not_recommend]
impl<T: IntoResponse, E: Into<Box<dyn std::error::Error + Send + Sync>>> IntoReply for Result<T, E> {
    fn into_reply(self) -> Response {
        self.map_err(|error| Error::from_boxed(error.into())).into_response()
    }
}

trait OrEmpty {
    fn into_response_or_empty(self) -> Response;
}

/// The answer is taken once; a second time there would be nothing.
impl<T: IntoResponse> OrEmpty for Option<T> {
    fn into_response_or_empty(self) -> Response {
        self.map_or_else(empty, IntoResponse::into_response)
    }
}

#[cold]
#[inline(never)]
fn empty() -> Response {
    Response::default()
}

/// What the generated lines make of a request: the function's response, or that of an argument which could not be read.
pub type Answer = Result<Response, Response>;

/// A function's future, which a multi-threaded runtime may move: it must be `Send`.
// Not `async fn`: it would hold the future twice, as its argument and where it awaits it.
pub fn send<F: Future<Output = Answer> + Send>(future: F) -> impl Future<Output = Response> + Send {
    future.map(|answer| match answer {
        Ok(response) | Err(response) => response,
    })
}
