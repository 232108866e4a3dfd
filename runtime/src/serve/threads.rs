//! Who serves which connection.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use tokio::{
    net::TcpStream,
    runtime::{EnterGuard, Handle},
};

use super::graceful::{Connections, Open};
use crate::start;

/// A thread for each core, each with a runtime of its own, among which the connections are shared out. Where there are several, this one
/// has none, so that a function that keeps its thread busy keeps no connection from being taken.
pub(super) struct Threads {
    others: Vec<Other>,
    /// The others themselves, which end at a word, too.
    running: Arc<Connections>,
}

struct Other {
    load: Load,
    runtime: Handle,
    thread: JoinHandle<()>,
}

/// How many connections a thread has.
type Load = Arc<AtomicUsize>;

/// A connection that a thread has, until it is dropped.
#[derive(Debug)]
pub(super) struct Busy(Load);

impl Busy {
    fn new(load: &Load) -> Self {
        load.fetch_add(1, Ordering::Relaxed);
        Busy(load.clone())
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Threads {
    /// Starts them.
    pub(super) fn start(count: usize) -> io::Result<Self> {
        let running = Arc::<Connections>::default();
        let mut others = Vec::new();
        if count > 1 {
            for _ in 0..count {
                others.push(Other::start(running.open())?);
            }
        }
        Ok(Threads { others, running })
    }

    /// Gives a connection to the thread that has the fewest: what is spawned while the guard is there runs there. Nothing where it
    /// cannot be watched: then it is closed, as one that cannot be taken.
    pub(super) fn place(&self, stream: TcpStream) -> Option<(TcpStream, Busy, Option<EnterGuard<'_>>)> {
        let Some(other) = self.others.iter().min_by_key(|other| other.load.load(Ordering::Relaxed)) else {
            return Some((stream, Busy::new(&Load::default()), None));
        };
        let stream = stream.into_std().ok()?;
        let entered = other.runtime.enter();
        Some((TcpStream::from_std(stream).ok()?, Busy::new(&other.load), Some(entered)))
    }

    /// Tells the others to end, and waits until they do.
    pub(super) fn end(&self) -> impl Future<Output = ()> + '_ {
        self.running.end()
    }

    /// Waits for their last. What runs still may take as long as it wants, as on this one.
    pub(super) fn join(self) {
        for other in self.others {
            // A panic of its own was told by the hook.
            let _ = other.thread.join();
        }
    }
}

impl Other {
    fn start(running: Open) -> io::Result<Self> {
        let (runtime, thread) = start::thread(async move { running.told().await })?;
        Ok(Other { load: Load::default(), runtime, thread })
    }
}
