//! The number of invocations that run at once.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
    time::{Duration, Instant},
};

use axum::body::{Body, HttpBody};
use bytes::Bytes;
use http_body::{Frame, SizeHint};
use omnifn_core::{Error, ErrorKind};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// A slot for one of the invocations that may run at once. It is released when it is dropped.
pub(crate) type Slot = OwnedSemaphorePermit;

/// The limit on invocations that run at once, if the app has one.
#[derive(Debug)]
pub(crate) struct Slots {
    semaphore: Option<Arc<Semaphore>>,
    limit: usize,
    /// The name of the setting that configures the limit, for errors.
    setting: &'static str,
    last_logged: Mutex<Option<Instant>>,
}

/// The value of `Retry-After` for a request that found no slot, in seconds.
const RETRY_AFTER: u32 = 1;

/// An exhausted limit is logged at most once in this time, however many requests find no slot.
const LOG_INTERVAL: Duration = Duration::from_secs(10);

impl Slots {
    /// Creates the limit of an app; `None` allows any number.
    pub(crate) fn new(limit: Option<usize>) -> Self {
        Slots {
            semaphore: limit.map(|limit| Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)))),
            limit: limit.unwrap_or(usize::MAX),
            setting: "the app (`App::concurrency_limit`)",
            last_logged: Mutex::new(None),
        }
    }

    /// Sets the name of the setting that errors mention.
    pub(crate) fn with_setting(mut self, setting: &'static str) -> Self {
        self.setting = setting;
        self
    }

    /// Takes a slot. `Ok(None)` means that there is no limit.
    pub(crate) fn take(&self) -> Result<Option<Slot>, Error> {
        match &self.semaphore {
            None => Ok(None),
            Some(semaphore) => semaphore.clone().try_acquire_owned().map(Some).map_err(|_| self.overloaded("")),
        }
    }

    /// Waits for a slot, for no longer than `time`.
    pub(crate) async fn wait(&self, time: Option<Duration>) -> Result<Option<Slot>, Error> {
        let Some(semaphore) = self.semaphore.clone() else { return Ok(None) };
        // A limit of zero never releases a slot.
        if self.limit == 0 {
            return Err(self.overloaded(""));
        }
        let acquiring = semaphore.acquire_owned();
        let acquired = match time {
            None => acquiring.await,
            Some(time) => tokio::time::timeout(time, acquiring)
                .await
                .map_err(|_| self.overloaded(&format!(", and none ended within {} ms", time.as_millis())))?,
        };
        acquired.map(Some).map_err(|_| self.overloaded(""))
    }

    fn overloaded(&self, more: &str) -> Error {
        let words = format!("{} invocations are running, the limit that {} sets{more}", self.limit, self.setting);
        Error::new(ErrorKind::Overloaded, words).with_retry_after(RETRY_AFTER)
    }

    /// Returns whether an exhausted limit should be logged now.
    pub(crate) fn may_log(&self) -> bool {
        let mut last = self.last_logged.lock().unwrap_or_else(PoisonError::into_inner);
        let may_log = last.is_none_or(|last| last.elapsed() >= LOG_INTERVAL);
        if may_log {
            *last = Some(Instant::now());
        }
        may_log
    }
}

/// Returns a body that keeps the slot until it has ended or is dropped: an invocation lasts as long as its response.
pub(crate) fn hold(slot: Option<Slot>, body: Body) -> Body {
    match slot {
        Some(slot) if !body.is_end_stream() => Body::new(Held { body, slot: Some(slot) }),
        _ => body,
    }
}

struct Held {
    body: Body,
    slot: Option<Slot>,
}

impl HttpBody for Held {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        // A body that has ended is not always polled again.
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
    fn a_released_slot_can_be_taken_again() {
        let slots = Slots::new(Some(2));
        let (one, two) = (slots.take().unwrap(), slots.take().unwrap());
        let error = slots.take().err().unwrap();
        assert_eq!((error.status_code().as_u16(), slots.may_log(), slots.may_log()), (503, true, false));
        drop(one);
        let three = slots.take().unwrap();
        assert!(slots.take().is_err());
        drop((two, three));
        assert!(slots.take().is_ok_and(|slot| slot.is_some()));
        assert!(Slots::new(None).take().is_ok_and(|slot| slot.is_none()));
        assert!(Slots::new(Some(usize::MAX)).take().is_ok_and(|slot| slot.is_some()));
        assert!(Slots::new(Some(0)).take().is_err());
    }
}
