use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    task::{Context, Poll, Wake, Waker},
};

use futures_util::task::AtomicWaker;

/// The wake-ups of a connection and of what waits for it, which are polled together: what the one wakes the other by meanwhile is
/// answered there and then. Left to the runtime, each would be a further turn, in which it asks the system whether there is news.
pub(super) struct Wakes {
    inner: Arc<Inner>,
    waker: Waker,
}

#[derive(Default)]
struct Inner {
    outer: AtomicWaker,
    is_polling: AtomicBool,
    is_woken: AtomicBool,
}

/// As often are both polled in one turn. What still wakes itself then (for tokio lets nobody go on for ever) waits for the next.
const TIMES: usize = 8;

impl Default for Wakes {
    fn default() -> Self {
        let inner = Arc::<Inner>::default();
        Wakes { waker: inner.clone().into(), inner }
    }
}

impl Wakes {
    /// Does what wakes the connection, which is polled next.
    pub(super) fn quietly<T>(&self, act: impl FnOnce() -> T) -> T {
        self.inner.is_polling.store(true, SeqCst);
        let done = act();
        self.inner.is_polling.store(false, SeqCst);
        done
    }

    /// Polls until nothing was woken meanwhile.
    pub(super) fn poll<T>(&self, cx: &mut Context<'_>, mut poll: impl FnMut(&mut Context<'_>) -> Poll<T>) -> Poll<T> {
        self.inner.outer.register(cx.waker());
        for _ in 0..TIMES {
            self.inner.is_woken.store(false, SeqCst);
            let polled = self.quietly(|| poll(&mut Context::from_waker(&self.waker)));
            // Also where another thread woke it: that one saw that it was being polled.
            if polled.is_ready() || !self.inner.is_woken.load(SeqCst) {
                return polled;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Wake for Inner {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.is_woken.store(true, SeqCst);
        if !self.is_polling.load(SeqCst) {
            self.outer.wake();
        }
    }
}

impl fmt::Debug for Wakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wakes").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicUsize;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, SeqCst);
        }
    }

    #[test]
    fn what_is_woken_meanwhile_is_polled_again_at_once() {
        let (outer, wakes) = (Arc::<Count>::default(), Wakes::default());
        let waker = outer.clone().into();
        let mut times = 0;
        let polled = wakes.poll(&mut Context::from_waker(&waker), |cx| {
            times += 1;
            if times < 3 {
                cx.waker().wake_by_ref();
            }
            Poll::<()>::Pending
        });
        assert_eq!((polled, times, outer.0.load(SeqCst)), (Poll::Pending, 3, 0));
    }

    #[test]
    fn what_is_woken_later_wakes_the_task() {
        let (outer, wakes) = (Arc::<Count>::default(), Wakes::default());
        let waker = outer.clone().into();
        let mut inner = None;
        let _ = wakes.poll(&mut Context::from_waker(&waker), |cx| {
            inner = Some(cx.waker().clone());
            Poll::<()>::Pending
        });
        wakes.quietly(|| inner.as_ref().expect("a waker").wake_by_ref());
        assert_eq!(outer.0.load(SeqCst), 0);
        inner.expect("a waker").wake();
        assert_eq!(outer.0.load(SeqCst), 1);
    }

    #[test]
    fn what_wakes_itself_for_ever_gives_the_others_a_turn() {
        let (outer, wakes) = (Arc::<Count>::default(), Wakes::default());
        let waker = outer.clone().into();
        let polled = wakes.poll(&mut Context::from_waker(&waker), |cx| {
            cx.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        assert_eq!((polled, outer.0.load(SeqCst)), (Poll::Pending, 1));
    }
}
