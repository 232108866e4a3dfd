//! The return value of an event function: `()`, or a `Result` of it. The choice is made as for a response.

use std::future::Future;

use crate::{Error, FunctionError, private::ReturnValue};

pub trait DoneFromFunctionError {
    fn omnifn_done(&mut self) -> Result<(), Error>;
}

impl<E: FunctionError> DoneFromFunctionError for &mut &mut ReturnValue<Result<(), E>> {
    fn omnifn_done(&mut self) -> Result<(), Error> {
        self.0.take().map_or(Ok(()), |result| result.map_err(Error::of))
    }
}

pub trait DoneFromError {
    fn omnifn_done(&mut self) -> Result<(), Error>;
}

impl<E: Into<Error>> DoneFromError for &mut ReturnValue<Result<(), E>> {
    fn omnifn_done(&mut self) -> Result<(), Error> {
        self.0.take().map_or(Ok(()), |result| result.map_err(Into::into))
    }
}

pub trait DoneFallback {
    type Answer;
    fn omnifn_done(&mut self) -> Result<(), Error>
    where
        Self::Answer: IntoDone;
}

impl<T> DoneFallback for ReturnValue<T> {
    type Answer = T;
    fn omnifn_done(&mut self) -> Result<(), Error>
    where
        T: IntoDone,
    {
        self.0.take().map_or(Ok(()), IntoDone::into_done)
    }
}

/// A return type of an event function.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid return type of a function that takes events",
    label = "expected `()` or `Result<(), E>`",
    note = "the sender of an event receives no response: return nothing or `Result<()>`",
    note = "the error of a `Result<(), E>` implements `omnifn::FunctionError`, is text, is a `std::error::Error + Send + Sync + 'static`, \
            or converts into `omnifn::Error` otherwise, as `anyhow::Error` and `Box<dyn Error + Send + Sync>` do"
)]
pub trait IntoDone {
    fn into_done(self) -> Result<(), Error>;
}

impl IntoDone for () {
    fn into_done(self) -> Result<(), Error> {
        Ok(())
    }
}

/// A function's future, which a multi-threaded runtime may move: it must be `Send`.
pub fn deliver<T, F: Future<Output = Result<T, Error>> + Send>(
    future: F,
) -> impl Future<Output = Result<T, Error>> + Send {
    future
}
