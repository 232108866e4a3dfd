//! The time that an invocation has.

use std::{future::Future, time::Duration};

#[cfg(feature = "serve")]
use omnifn_core::Settings;
use omnifn_core::{Context, Error, ErrorKind, Limits};

#[cfg(feature = "tracing")]
use crate::log;
use crate::panic;

/// Runs a function: until it ends, panics, or has to be cancelled, for the platform would soon end it.
pub(crate) async fn within<F>(context: &Context, limits: &Limits, function: F) -> Result<F::Output, Error>
where
    F: Future + Unpin,
{
    #[cfg(feature = "tracing")]
    let function = tracing::Instrument::instrument(function, log::layer::span(context));
    let caught = panic::catch(function);
    let time = context.remaining().map(|remaining| limits.time(remaining));
    let ended = match time {
        None => caught.await,
        Some(time) => match tokio::time::timeout(time, caught).await {
            Ok(ended) => ended,
            Err(_elapsed) => return Err(late(context, time)),
        },
    };
    ended.map_err(|message| Error::new(ErrorKind::Panicked, format!("the function panicked: {message}")))
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
