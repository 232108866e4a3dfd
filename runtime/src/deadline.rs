//! The time that an invocation has.

use std::{future::Future, time::Duration};

#[cfg(feature = "serve")]
use omnifn_core::Settings;
use omnifn_core::{Context, Error, ErrorKind, Limits};

#[cfg(feature = "tracing")]
use crate::log;
use crate::panic;

/// A function that has begun.
#[cfg(not(feature = "tracing"))]
pub(crate) type Begun<F> = F;
#[cfg(feature = "tracing")]
pub(crate) type Begun<F> = tracing::instrument::Instrumented<F>;

/// Begins a function, unless it panics there. It has its own place, so that what it takes is moved as little as can be.
pub(crate) fn begin<F: Future>(context: &Context, function: impl FnOnce() -> F) -> Result<Begun<F>, Error> {
    #[cfg(feature = "tracing")]
    {
        let span = log::layer::span(context);
        let begun = panic::catch_now(|| span.in_scope(function)).map_err(panicked)?;
        Ok(tracing::Instrument::instrument(begun, span))
    }
    #[cfg(not(feature = "tracing"))]
    {
        let _ = context;
        panic::catch_now(function).map_err(panicked)
    }
}

/// Runs a function that has begun: until it ends, panics, or has to be cancelled, for the platform would soon end it.
pub(crate) async fn run<F>(context: &Context, limits: &Limits, begun: F) -> Result<F::Output, Error>
where
    F: Future + Unpin,
{
    let caught = panic::catch(begun);
    let time = context.remaining().map(|remaining| limits.time(remaining));
    let ended = match time {
        None => caught.await,
        Some(time) => match tokio::time::timeout(time, caught).await {
            Ok(ended) => ended,
            Err(_elapsed) => return Err(late(context, time)),
        },
    };
    ended.map_err(panicked)
}

/// Begins a function and runs it.
pub(crate) async fn within<F>(context: &Context, limits: &Limits, function: F) -> Result<F::Output, Error>
where
    F: Future + Unpin,
{
    run(context, limits, begin(context, || function)?).await
}

fn panicked(message: String) -> Error {
    Error::new(ErrorKind::Panicked, format!("the function panicked: {message}"))
}

fn late(context: &Context, time: Duration) -> Error {
    let left = context.remaining().unwrap_or_default();
    let words = format!(
        "the function `{}` was cancelled after {} ms, {} ms before the platform's deadline: make it faster, or raise its timeout",
        context.function_name(),
        time.as_millis(),
        left.as_millis(),
    );
    Error::new(ErrorKind::Timeout, words)
}

/// How long an invocation may take, in seconds: `OMNIFN_TIMEOUT`.
///
/// # Errors
/// It is no number above zero.
#[cfg(feature = "serve")]
pub(crate) fn configured(settings: &dyn Settings) -> Result<Option<Duration>, Error> {
    let Some(text) = settings.get("OMNIFN_TIMEOUT") else { return Ok(None) };
    let time = text.trim().parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    let time = time.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    time.map(Some).ok_or_else(|| {
        Error::new(ErrorKind::Config, format!("OMNIFN_TIMEOUT={text:?} is no time: a number of seconds above zero"))
    })
}
