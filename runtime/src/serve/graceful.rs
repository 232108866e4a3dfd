use std::{
    future::{Future, poll_fn},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker},
};

/// The connections that are open, and the word to end.
#[derive(Debug, Default)]
pub(super) struct Connections {
    is_ending: AtomicBool,
    tasks: Mutex<Tasks>,
}

/// Who is to be woken.
#[derive(Debug, Default)]
struct Tasks {
    /// The task of each that is open, where it waits for the word, at the place of the connection.
    open: Vec<Option<Waker>>,
    /// The places that none has now.
    free: Vec<usize>,
    /// Who waits until none is open.
    last: Option<Waker>,
}

/// One that is open, until it is dropped.
#[derive(Debug)]
pub(super) struct Open {
    connections: Arc<Connections>,
    place: usize,
}

impl Connections {
    #[inline(never)]
    fn tasks(&self) -> MutexGuard<'_, Tasks> {
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more.
    pub(super) fn open(self: &Arc<Self>) -> Open {
        let mut tasks = self.tasks();
        let place = tasks.free.pop().unwrap_or_else(|| {
            tasks.open.push(None);
            tasks.open.len() - 1
        });
        Open { connections: self.clone(), place }
    }

    fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// Tells all to end, each after what it has begun, and waits until they have.
    pub(super) fn end(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|cx| self.poll_end(cx))
    }

    pub(super) fn poll_end(&self, cx: &Context<'_>) -> Poll<()> {
        let mut tasks = self.tasks();
        if !self.is_ending.swap(true, Ordering::Relaxed) {
            tasks.open.iter_mut().filter_map(Option::take).for_each(Waker::wake);
        }
        if tasks.open.len() == tasks.free.len() {
            return Poll::Ready(());
        }
        tasks.last = Some(cx.waker().clone());
        Poll::Pending
    }
}

impl Open {
    /// Whether no other request is to be taken. It costs nothing to ask.
    pub(super) fn is_ending(&self) -> bool {
        self.connections.is_ending()
    }

    /// From now on the word wakes this task. Whether it was said before.
    pub(super) fn hear(&self, cx: &Context<'_>) -> bool {
        let mut tasks = self.connections.tasks();
        let is_ending = self.is_ending();
        if !is_ending {
            tasks.open[self.place] = Some(cx.waker().clone());
        }
        is_ending
    }

    /// Waits for the word.
    pub(super) fn told(&self) -> impl Future<Output = ()> + '_ {
        poll_fn(|cx| if self.hear(cx) { Poll::Ready(()) } else { Poll::Pending })
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let mut tasks = self.connections.tasks();
        tasks.open[self.place] = None;
        tasks.free.push(self.place);
        if tasks.open.len() == tasks.free.len()
            && let Some(last) = tasks.last.take()
        {
            last.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

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
