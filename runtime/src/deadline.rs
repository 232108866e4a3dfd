//! The time that an invocation has.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{self, Poll},
    time::{Duration, SystemTime},
};

#[cfg(feature = "serve")]
use omnifn_core::Settings;
use omnifn_core::{Context, Error, ErrorKind, Limits};
use tokio::{
    task::coop::{Unconstrained, unconstrained},
    time::{Instant, Sleep, sleep_until},
};

use crate::panic;

/// Runs a function until it ends, panics, or must be cancelled: because the platform's deadline is near, or because the function's own
/// timeout has elapsed. The caller drops it then.
pub(crate) async fn run<F: Future>(
    context: &Context,
    limits: &Limits,
    function: Pin<&mut F>,
) -> Result<F::Output, Error> {
    let mut function = pin!(panic::catch(function));
    let mut timer = Timer::new(context, limits);
    let ended = poll_fn(|cx| match function.as_mut().poll(cx) {
        Poll::Ready(ended) => Poll::Ready(Ok(ended)),
        Poll::Pending => timer.poll(cx).map(Err),
    });
    ended.await?.map_err(|panic| panic.during("the function panicked"))
}

/// The time that is left for a function. Which function it is may become known only while the app's layers run.
struct Timer<'c> {
    context: &'c Context,
    /// The time that the platform leaves, and when it is over.
    platform: Option<(Duration, Instant)>,
    function: Option<Instant>,
    sleep: Option<Pin<Box<Unconstrained<Sleep>>>>,
}

impl<'c> Timer<'c> {
    fn new(context: &'c Context, limits: &Limits) -> Self {
        let time = context.platform_deadline().map(|deadline| limits.time(until(context, deadline)));
        let platform = time.and_then(|time| Some((time, Instant::now().checked_add(time)?)));
        Timer { context, platform, function: None, sleep: None }
    }

    /// Polls the timer. It is ready with the reason when the time is over.
    fn poll(&mut self, cx: &mut task::Context<'_>) -> Poll<Error> {
        if self.function.is_none()
            && let Some(deadline) = self.context.function_deadline()
        {
            self.function = Instant::now().checked_add(until(self.context, deadline));
            // It may be earlier than the platform's.
            self.sleep = None;
        }
        let platform = self.platform.map(|(_, at)| at);
        let Some(earliest) = [platform, self.function].into_iter().flatten().min() else { return Poll::Pending };
        // A function that never yields to its own budget does not keep the timer from elapsing.
        let sleep = self.sleep.get_or_insert_with(|| Box::pin(unconstrained(sleep_until(earliest))));
        sleep.as_mut().poll(cx).map(|()| match self.platform {
            Some((time, at)) if at == earliest => near_the_platforms(self.context, time),
            _ => cancelled(self.context),
        })
    }
}

fn until(context: &Context, deadline: SystemTime) -> Duration {
    deadline.duration_since(context.now()).unwrap_or_default()
}

fn near_the_platforms(context: &Context, time: Duration) -> Error {
    let words = format!(
        "the function `{}` was cancelled after {} ms, {} ms before the platform's deadline: make it faster, or raise its timeout",
        context.function_name(),
        time.as_millis(),
        context.platform_deadline().map(|deadline| until(context, deadline)).unwrap_or_default().as_millis(),
    );
    Error::new(ErrorKind::Timeout, words)
}

/// Returns the error of a function whose own timeout has elapsed.
pub(crate) fn cancelled(context: &Context) -> Error {
    let words = format!(
        "the function `{}` was cancelled after {} s, which is its `timeout`: make it faster, or raise its timeout",
        context.function_name(),
        context.function_timeout().unwrap_or_default().as_secs(),
    );
    Error::new(ErrorKind::Timeout, words)
}

/// Returns when a response's body has to be complete, if the function declares a timeout.
pub(crate) fn of_body(context: &Context) -> Option<Instant> {
    Instant::now().checked_add(until(context, context.function_deadline()?))
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
