use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use tokio::sync::{Notify, futures::Notified};

/// The connections that are open, and the word to end.
#[derive(Debug, Default)]
pub(super) struct Connections {
    is_ending: AtomicBool,
    told: Notify,
    open: AtomicUsize,
    none: Notify,
}

/// One that is open, until it is dropped.
#[derive(Debug)]
pub(super) struct Open(Arc<Connections>);

impl Connections {
    /// One more.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        self.open.fetch_add(1, Ordering::Relaxed);
        Open(self.clone())
    }

    /// Whether no other request is to be taken. It costs nothing to ask.
    pub(super) fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// Tells all to end, each after what it has begun, and waits until they have.
    pub(super) async fn end(&self) {
        self.is_ending.store(true, Ordering::SeqCst);
        self.told.notify_waiters();
        let mut none = pin!(self.none.notified());
        // From here on it is heard, also where it happens before it is waited for.
        none.as_mut().enable();
        if self.open.load(Ordering::SeqCst) > 0 {
            none.await;
        }
    }
}

impl Open {
    /// All that are open.
    pub(super) fn connections(&self) -> &Arc<Connections> {
        &self.0
    }

    /// Waits for the word. Asked once, it wakes the task that asked; after that, [`Connections::is_ending`] says it.
    pub(super) fn told(&self) -> Notified<'_> {
        self.0.told.notified()
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if self.0.open.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.none.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{future::poll_fn, task::Poll};

    use super::*;

    #[tokio::test]
    async fn the_last_one_ends_it() {
        let connections = Arc::new(Connections::default());
        connections.end().await;
        let connections = Arc::new(Connections::default());
        let (one, two) = (connections.open(), connections.open());
        let mut end = pin!(connections.end());
        {
            let mut told = pin!(one.told());
            poll_fn(|cx| {
                assert!(told.as_mut().poll(cx).is_pending() && !connections.is_ending());
                assert!(end.as_mut().poll(cx).is_pending() && connections.is_ending());
                assert!(told.as_mut().poll(cx).is_ready());
                Poll::Ready(())
            })
            .await;
        }
        drop(two);
        poll_fn(|cx| {
            assert!(end.as_mut().poll(cx).is_pending());
            Poll::Ready(())
        })
        .await;
        drop(one);
        end.await;
    }
}
