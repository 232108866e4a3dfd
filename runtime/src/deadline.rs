//! The time that an invocation has.

use std::{future::Future, pin::Pin, time::Duration};

#[cfg(feature = "serve")]
use omnifn_core::Settings;
use omnifn_core::{Context, Error, ErrorKind, Limits};
use tokio::time::{Instant, timeout_at};

use crate::panic;

/// Runs a function until it ends, panics, or must be cancelled because the platform's deadline is near. The caller drops it then.
pub(crate) async fn run<F: Future>(
    context: &Context,
    limits: &Limits,
    function: Pin<&mut F>,
) -> Result<F::Output, Error> {
    let function = panic::catch(function);
    let time = context.remaining().map(|remaining| limits.time(remaining));
    let ended = match time.and_then(|time| Instant::now().checked_add(time)) {
        None => function.await,
        Some(until) => match timeout_at(until, function).await {
            Ok(ended) => ended,
            Err(_) => return Err(cancelled(context, time.unwrap_or_default())),
        },
    };
    ended.map_err(|panic| panic.during("the function panicked"))
}

fn cancelled(context: &Context, time: Duration) -> Error {
    let words = format!(
        "the function `{}` was cancelled after {} ms, {} ms before the platform's deadline: make it faster, or raise its timeout",
        context.function_name(),
        time.as_millis(),
        context.remaining().unwrap_or_default().as_millis(),
    );
    Error::new(ErrorKind::Timeout, words)
}

/// Reads `OMNIFN_TIMEOUT`: how long an invocation may take, in seconds.
///
/// # Errors
/// The value is not a number above zero.
#[cfg(feature = "serve")]
pub(crate) fn configured(settings: &dyn Settings) -> Result<Option<Duration>, Error> {
    let Some(text) = settings.get("OMNIFN_TIMEOUT") else { return Ok(None) };
    let seconds = text.trim().parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
    match seconds.filter(|time| !time.is_zero()) {
        Some(time) => Ok(Some(time)),
        None => {
            let words =
                format!("invalid value for OMNIFN_TIMEOUT: {text:?}: expected seconds above zero, such as 30 or 0.5");
            Err(Error::new(ErrorKind::Config, words))
        }
    }
}

#[cfg(test)]
#[cfg(feature = "serve")]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_a_number_of_seconds_above_zero() {
        let read = |text: &str| configured(&|_: &str| Some(text.to_owned()));
        for (text, millis) in [("1", 1000), ("300", 300_000), ("0.5", 500), (" 1.25 ", 1250), (".5", 500), ("5.", 5000)]
        {
            assert_eq!(read(text).unwrap(), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in [".", "-1", "0", "soon", "inf", "nan", "1,5", "1.2.3", "٣", "99999999999999999999999"] {
            assert!(read(text).is_err(), "{text}");
        }
        assert_eq!(configured(&|_: &str| None).unwrap(), None);
    }
}
