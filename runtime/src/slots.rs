//! How many invocations run at once.

use std::{
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use axum_core::{Error as BodyError, body::Body};
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::{Error, ErrorKind};

/// As many places as the app allows.
#[derive(Debug)]
pub(crate) struct Slots {
    /// None where any number is allowed. Beside it, how many are taken.
    limit: Option<(usize, Arc<AtomicUsize>)>,
    /// Who says so.
    by: &'static str,
    /// When it was last told that there is none, in seconds since the start, from 1 on.
    told: AtomicUsize,
    start: Instant,
}

/// A place that is taken, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<AtomicUsize>);

impl Drop for Slot {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Release);
    }
}

/// Who comes in vain is told to come again after this many seconds.
const RETRY_AFTER: u32 = 1;

/// It is told at most once in this time, however many come in vain.
const QUIET: Duration = Duration::from_secs(10);

impl Slots {
    pub(crate) fn new(limit: Option<usize>) -> Self {
        let by = "the app (`App::concurrency_limit`)";
        let limit = limit.map(|limit| (limit, Arc::default()));
        Slots { limit, by, told: AtomicUsize::new(0), start: Instant::now() }
    }

    /// The same, whose limit is not the app's.
    pub(crate) fn named(mut self, by: &'static str) -> Self {
        self.by = by;
        self
    }

    /// Takes a place, if there is one.
    pub(crate) fn take(&self) -> Result<Option<Slot>, Error> {
        let Some((limit, taken)) = &self.limit else { return Ok(None) };
        let one_more = |taken| (taken < *limit).then(|| taken + 1);
        match taken.fetch_update(Ordering::Acquire, Ordering::Relaxed, one_more) {
            Ok(_) => Ok(Some(Slot(taken.clone()))),
            Err(_) => Err(self.overloaded("")),
        }
    }

    /// There is no place.
    pub(crate) fn overloaded(&self, more: &str) -> Error {
        let limit = self.limit.as_ref().map_or(0, |(limit, _)| *limit);
        let words = format!("{limit} invocations run, which is all that {} allows at once{more}", self.by);
        Error::new(ErrorKind::Overloaded, words).with_retry_after(RETRY_AFTER)
    }

    /// Whether it is time to tell that there is no place.
    pub(crate) fn tells(&self) -> bool {
        let now = usize::try_from(self.start.elapsed().as_secs()).unwrap_or(usize::MAX).saturating_add(1);
        let last = self.told.load(Ordering::Relaxed);
        let is_time = last == 0 || now.saturating_sub(last) >= QUIET.as_secs() as usize;
        is_time && self.told.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

/// The body, which keeps the place until it has ended or is dropped: a function that answers in pieces runs as long.
pub(crate) fn hold<S: Send + Unpin + 'static>(slot: Option<S>, body: Body) -> Body {
    match slot {
        Some(slot) if !body.is_end_stream() => Body::new(Held { body, slot: Some(slot) }),
        _ => body,
    }
}

/// A body, and the place that it keeps.
pub(crate) struct Held<S> {
    pub(crate) body: Body,
    pub(crate) slot: Option<S>,
}

impl<S: Unpin> HttpBody for Held<S> {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        // It may not be asked again.
        if !matches!(frame, Some(Ok(_))) || this.body.is_end_stream() {
            this.slot = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_free_again() {
        let slots = Slots::new(Some(2));
        let (one, two) = (slots.take().unwrap(), slots.take().unwrap());
        let error = slots.take().err().unwrap();
        assert_eq!((error.status_code().as_u16(), slots.tells(), slots.tells()), (503, true, false));
        drop(one);
        let three = slots.take().unwrap();
        assert!(slots.take().is_err());
        drop((two, three));
        assert!(slots.take().is_ok_and(|slot| slot.is_some()));
        assert!(Slots::new(None).take().is_ok_and(|slot| slot.is_none()));
        // Any number is a limit.
        assert!(Slots::new(Some(usize::MAX)).take().is_ok_and(|slot| slot.is_some()));
        assert!(Slots::new(Some(0)).take().is_err());
    }
}
