//! The time that an invocation has.

use std::{
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{self, Poll},
    time::Duration,
};

#[cfg(feature = "serve")]
use omnifn_core::Settings;
use omnifn_core::{Context, Error, ErrorKind, Limits};
use tokio::{
    task::unconstrained,
    time::{Instant, sleep_until},
};

use crate::panic;

/// A function that has begun.
pub(crate) type Begun<F> = tracing::instrument::Instrumented<F>;

/// Begins a function, unless it panics there. It has its own place, so that what it takes is moved as little as can be.
pub(crate) fn begin<F: Future>(span: tracing::Span, function: impl FnOnce() -> F) -> Result<Begun<F>, Error> {
    let begun = panic::catch_now(|| span.in_scope(function)).map_err(panicked)?;
    Ok(tracing::Instrument::instrument(begun, span))
}

/// Runs a function that has begun: until it ends, panics, or has to be cancelled, for the platform would soon end it.
pub(crate) async fn run<F>(context: &Context, limits: &Limits, begun: F) -> Result<F::Output, Error>
where
    F: Future + Unpin,
{
    let time = context.remaining().map(|remaining| limits.time(remaining));
    let until = time.and_then(|time| Instant::now().checked_add(time));
    let (mut begun, mut alarm) = (begun, pin!(None));
    poll_fn(move |cx| {
        // Into its one form at once: what a function answers is large, and each further form would be a copy.
        match panic::catch_now(|| Pin::new(&mut begun).poll(cx)) {
            Ok(Poll::Ready(ended)) => return Poll::Ready(Ok(ended)),
            Ok(Poll::Pending) => {}
            Err(message) => return Poll::Ready(Err(panicked(message))),
        }
        let Some(until) = until else { return Poll::Pending };
        // A function that waits for nothing needs no timer. One that has used up what tokio lets it do at once still has its end.
        if alarm.is_none() {
            alarm.set(Some(unconstrained(sleep_until(until))));
        }
        match alarm.as_mut().as_pin_mut() {
            Some(alarm) => alarm.poll(cx).map(|()| Err(late(context, time.unwrap_or_default()))),
            None => Poll::Pending,
        }
    })
    .await
}

/// How far a function that has begun comes at once.
pub(crate) fn poll<F: Future + Unpin>(begun: &mut F, cx: &mut task::Context<'_>) -> Poll<Result<F::Output, Error>> {
    match panic::catch_now(|| Pin::new(begun).poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(message) => Poll::Ready(Err(panicked(message))),
    }
}

/// Begins a function and runs it.
pub(crate) async fn within<F>(
    context: &Context,
    limits: &Limits,
    span: tracing::Span,
    function: F,
) -> Result<F::Output, Error>
where
    F: Future + Unpin,
{
    run(context, limits, begin(span, || function)?).await
}

fn panicked(message: String) -> Error {
    Error::new(ErrorKind::Panicked, format!("the function panicked: {message}"))
}

fn late(context: &Context, time: Duration) -> Error {
    let left = context.remaining().unwrap_or_default();
    let words = format!(
        "the function `{}` was cancelled after {} ms, {} ms before the platform's deadline: make it faster, or raise its timeout",
        context.function_name(),
        millis(time),
        millis(left),
    );
    Error::new(ErrorKind::Timeout, words)
}

/// A time in whole milliseconds. They are told as such a number, for what writes an `u128` is large.
pub(crate) fn millis(time: Duration) -> u64 {
    time.as_millis().try_into().unwrap_or(u64::MAX)
}

/// How long an invocation may take, in seconds: `OMNIFN_TIMEOUT`.
///
/// # Errors
/// It is no number above zero.
#[cfg(feature = "serve")]
pub(crate) fn configured(settings: &dyn Settings) -> Result<Option<Duration>, Error> {
    let Some(text) = settings.get("OMNIFN_TIMEOUT") else { return Ok(None) };
    seconds(text.trim_ascii()).filter(|time| !time.is_zero()).map(Some).ok_or_else(|| {
        Error::new(
            ErrorKind::Config,
            format!("OMNIFN_TIMEOUT={text:?} is no time: a number of seconds above zero, as in 30 or 0.5"),
        )
    })
}

/// A number of seconds, with or without decimals. Not by way of a float: what reads those is larger than all else that reads settings.
#[cfg(feature = "serve")]
fn seconds(text: &str) -> Option<Duration> {
    let (mut seconds, mut nanos) = (0_u64, 0);
    // What a digit behind the point is, in nanoseconds; no finer.
    let mut place = None;
    for byte in text.bytes() {
        match (byte, &mut place) {
            (b'.', None) => place = Some(100_000_000),
            (b'0'..=b'9', None) => seconds = seconds.checked_mul(10)?.checked_add((byte - b'0').into())?,
            (b'0'..=b'9', Some(place)) => {
                nanos += u32::from(byte - b'0') * *place;
                *place /= 10;
            }
            _ => return None,
        }
    }
    let is_number = text.len() > usize::from(place.is_some());
    is_number.then(|| Duration::new(seconds, nanos))
}

#[cfg(test)]
#[cfg(feature = "serve")]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_as_a_float_is() {
        for text in ["1", "0", "300", "0.5", "1.25", ".5", "5.", "0.001", "3600.000000001", "007.10"] {
            let float = text.parse().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            assert!(float.is_some() && seconds(text) == float, "{text}: {:?}", seconds(text));
        }
        for text in ["", ".", "-1", "soon", "inf", "nan", "1e3", "1,5", "1.2.3", " 1", "٣", "99999999999999999999"] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
