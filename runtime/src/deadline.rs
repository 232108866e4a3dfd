//! The time that an invocation has.

use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

#[cfg(feature = "serve")]
use omnifn_core::Settings;
use omnifn_core::{Context, Error, ErrorKind, Limits};
use tokio::{
    task::unconstrained,
    time::{Instant, sleep_until},
};

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
    let time = context.remaining().map(|remaining| limits.time(remaining));
    let until = time.and_then(|time| Instant::now().checked_add(time));
    let (mut caught, mut alarm) = (pin!(panic::catch(begun)), pin!(None));
    let ended = poll_fn(|cx| {
        if let Poll::Ready(ended) = caught.as_mut().poll(cx) {
            return Poll::Ready(Some(ended));
        }
        let Some(until) = until else { return Poll::Pending };
        // A function that waits for nothing needs no timer. One that has used up what tokio lets it do at once still has its end.
        if alarm.is_none() {
            alarm.set(Some(unconstrained(sleep_until(until))));
        }
        match alarm.as_mut().as_pin_mut() {
            Some(alarm) => alarm.poll(cx).map(|()| None),
            None => Poll::Pending,
        }
    });
    match ended.await {
        Some(ended) => ended.map_err(panicked),
        None => Err(late(context, time.unwrap_or_default())),
    }
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
