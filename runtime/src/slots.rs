//! How many invocations run at once.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use omnifn_core::{Error, ErrorKind};

/// As many places as the app allows.
#[derive(Debug)]
pub(crate) struct Slots {
    limit: Option<usize>,
    /// Who says so.
    by: &'static str,
    taken: AtomicUsize,
    /// When it was last told that there is none, in seconds since the start, from 1 on.
    told: AtomicUsize,
    start: Instant,
}

/// A place that is taken, until it is dropped.
pub(crate) struct Slot<'s>(&'s Slots);

/// Who comes in vain is told to come again after this many seconds.
const RETRY_AFTER: u32 = 1;

/// It is told at most once in this time, however many come in vain.
const QUIET: Duration = Duration::from_secs(10);

impl Slots {
    pub(crate) fn new(limit: Option<usize>) -> Self {
        let by = "the app (`App::concurrency_limit`)";
        Slots { limit, by, taken: AtomicUsize::new(0), told: AtomicUsize::new(0), start: Instant::now() }
    }

    /// The same, whose limit is not the app's.
    pub(crate) fn named(mut self, by: &'static str) -> Self {
        self.by = by;
        self
    }

    /// Takes a place.
    pub(crate) fn take(&self) -> Result<Option<Slot<'_>>, Error> {
        let Some(limit) = self.limit else { return Ok(None) };
        let slot = Slot(self);
        if self.taken.fetch_add(1, Ordering::AcqRel) < limit {
            return Ok(Some(slot));
        }
        let words = format!("{limit} invocations run, which is all that {} allows at once", self.by);
        Err(Error::new(ErrorKind::Overloaded, words).with_retry_after(RETRY_AFTER))
    }

    /// Whether it is time to tell that there is no place.
    pub(crate) fn tells(&self) -> bool {
        let now = usize::try_from(self.start.elapsed().as_secs()).unwrap_or(usize::MAX).saturating_add(1);
        let last = self.told.load(Ordering::Relaxed);
        let is_time = last == 0 || now.saturating_sub(last) >= QUIET.as_secs() as usize;
        is_time && self.told.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }
}

impl Drop for Slot<'_> {
    fn drop(&mut self) {
        self.0.taken.fetch_sub(1, Ordering::AcqRel);
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
    }
}
