//! The arguments and the result of a function that is invoked directly.

use std::{any::Any, future::Future};

use bytes::Bytes;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Context, Error, ErrorKind, FunctionError,
    extract::{Json, State},
    json,
    private::ReturnValue,
};

/// A payload from which a function's arguments are read.
#[derive(Debug)]
pub struct Invoked {
    payload: Option<Bytes>,
    context: Context,
}

impl Invoked {
    pub fn new(payload: Bytes, context: Context) -> Self {
        Invoked { payload: Some(payload), context }
    }

    fn payload(&mut self) -> Result<Bytes, Error> {
        self.payload.take().ok_or_else(|| Error::new(ErrorKind::Config, "two arguments take the payload"))
    }
}

/// An argument of a function that is invoked directly.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from the payload of an invocation",
    label = "not an argument of a function with `invoke`",
    note = "one argument takes the payload: `Json<T>` where `T: serde::Deserialize`, `serde_json::Value`, or `Bytes`",
    note = "the others are `Context` and `State<T>`; an invocation has no path, no query and no headers"
)]
pub trait FromPayload: Sized {
    fn from_payload(invoked: &mut Invoked) -> Result<Self, Error>;
}

impl<T: DeserializeOwned> FromPayload for Json<T> {
    fn from_payload(invoked: &mut Invoked) -> Result<Self, Error> {
        // The caller has sent the payload, so the reason is for the caller, too. It quotes nothing of the payload.
        let read = json::from_slice(&invoked.payload()?, "the payload");
        let public = |error: Error| Error::new(error.kind(), error.to_string()).public_but_logged_as(error.to_string());
        read.map(Json).map_err(public)
    }
}

impl FromPayload for Value {
    fn from_payload(invoked: &mut Invoked) -> Result<Self, Error> {
        Json::from_payload(invoked).map(|Json(value)| value)
    }
}

impl FromPayload for Bytes {
    fn from_payload(invoked: &mut Invoked) -> Result<Self, Error> {
        invoked.payload()
    }
}

impl FromPayload for Context {
    fn from_payload(invoked: &mut Invoked) -> Result<Self, Error> {
        Ok(invoked.context.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Any + Clone + Send + Sync> FromPayload for State<T> {
    fn from_payload(invoked: &mut Invoked) -> Result<Self, Error> {
        invoked.context.state().map(State)
    }
}

/// Reads an argument.
pub fn from_payload<T: FromPayload>(invoked: &mut Invoked) -> Result<T, Error> {
    T::from_payload(invoked)
}

/// Converts a `Result` whose error declares its name. The choice is made as for a response.
pub trait ResultFromFunctionError {
    fn omnifn_result(&mut self) -> Result<Bytes, Error>;
}

impl<T: IntoResult, E: FunctionError> ResultFromFunctionError for &mut &mut ReturnValue<Result<T, E>> {
    fn omnifn_result(&mut self) -> Result<Bytes, Error> {
        written(self.0.take().map(|result| result.map_err(Error::of)))
    }
}

pub trait ResultFromError {
    fn omnifn_result(&mut self) -> Result<Bytes, Error>;
}

impl<T: IntoResult, E: Into<Error>> ResultFromError for &mut ReturnValue<Result<T, E>> {
    fn omnifn_result(&mut self) -> Result<Bytes, Error> {
        written(self.0.take().map(|result| result.map_err(Into::into)))
    }
}

pub trait ResultFallback {
    type Answer;
    fn omnifn_result(&mut self) -> Result<Bytes, Error>
    where
        Self::Answer: IntoResult;
}

impl<T> ResultFallback for ReturnValue<T> {
    type Answer = T;
    fn omnifn_result(&mut self) -> Result<Bytes, Error>
    where
        T: IntoResult,
    {
        written(self.0.take().map(Ok))
    }
}

/// Writes a result that is taken only once; the second time it is missing.
fn written<T: IntoResult>(result: Option<Result<T, Error>>) -> Result<Bytes, Error> {
    result.map_or_else(|| ().into_result(), |result| result.and_then(IntoResult::into_result))
}

/// The result of a function that is invoked directly.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid return type of a function with `invoke`",
    label = "cannot be serialized as JSON",
    note = "a result is `Json<T>` where `T: serde::Serialize`, `serde_json::Value`, or `()`",
    note = "or a `Result` of it whose error implements `omnifn::FunctionError`, is text, is a `std::error::Error + Send + Sync + \
            'static`, or converts into `omnifn::Error` otherwise, as `anyhow::Error` and `Box<dyn Error + Send + Sync>` do"
)]
pub trait IntoResult {
    fn into_result(self) -> Result<Bytes, Error>;
}

impl<T: Serialize> IntoResult for Json<T> {
    fn into_result(self) -> Result<Bytes, Error> {
        serde_json::to_vec(&self.0)
            .map(Bytes::from)
            .map_err(|e| Error::new(ErrorKind::Function, "the result cannot be written as JSON").with_source(e))
    }
}

impl IntoResult for Value {
    fn into_result(self) -> Result<Bytes, Error> {
        Json(self).into_result()
    }
}

impl IntoResult for () {
    fn into_result(self) -> Result<Bytes, Error> {
        Ok(Bytes::from_static(b"null"))
    }
}

/// A function's future, which a multi-threaded runtime may move: it must be `Send`.
pub fn invoke<F: Future<Output = Result<Bytes, Error>> + Send>(
    future: F,
) -> impl Future<Output = Result<Bytes, Error>> + Send {
    future
}
