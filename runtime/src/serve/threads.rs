//! Who serves which connection.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread::JoinHandle,
};

use tokio::{
    net::TcpStream,
    sync::mpsc::{UnboundedSender, unbounded_channel},
};

use super::graceful::{Connections, Open};
use crate::start;

/// Begins to serve a connection, on the runtime of the thread that calls it.
pub(super) type Serve = Arc<dyn Fn(TcpStream, SocketAddr, Busy, Open) + Send + Sync>;

/// A thread for each core, each with a runtime of its own, among which the connections are shared out. Where there are several, this one
/// has none, so that a function that keeps its thread busy keeps no connection from being taken.
pub(super) struct Threads {
    serve: Serve,
    connections: Arc<Connections>,
    others: Vec<Other>,
}

struct Other {
    load: Load,
    connections: UnboundedSender<Connection>,
    thread: JoinHandle<()>,
}

/// On its way from one runtime to another.
type Connection = (std::net::TcpStream, SocketAddr, Busy, Open);

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
    pub(super) fn start(count: usize, serve: Serve, connections: Arc<Connections>) -> io::Result<Self> {
        let count = if count > 1 { count } else { 0 };
        let others = (0..count).map(|_| Other::start(serve.clone())).collect::<io::Result<_>>()?;
        Ok(Threads { serve, connections, others })
    }

    /// Gives a connection to the thread that has the fewest.
    pub(super) fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        // It counts as open from here on, also where its thread has no time for it yet.
        let open = self.connections.open();
        match self.others.iter().min_by_key(|other| other.load.load(Ordering::Relaxed)) {
            Some(other) => other.take(stream, peer, open),
            None => (self.serve)(stream, peer, Busy::new(&Load::default()), open),
        }
    }

    /// Ends the others. What runs still may take as long as it wants, as on this one.
    pub(super) fn end(self) {
        let threads: Vec<_> = self.others.into_iter().map(|other| other.thread).collect();
        for thread in threads {
            // A panic of its own was told by the hook.
            let _ = thread.join();
        }
    }
}

impl Other {
    fn start(serve: Serve) -> io::Result<Self> {
        let (connections, mut taken) = unbounded_channel::<Connection>();
        let thread = start::thread(async move {
            while let Some((stream, peer, busy, open)) = taken.recv().await {
                // One that cannot be watched is closed, as one that cannot be taken.
                if let Ok(stream) = TcpStream::from_std(stream) {
                    serve(stream, peer, busy, open);
                }
            }
        })?;
        Ok(Other { load: Load::default(), connections, thread })
    }

    fn take(&self, stream: TcpStream, peer: SocketAddr, open: Open) {
        if let Ok(stream) = stream.into_std() {
            // It is there until the end, for nothing in it can panic.
            let _ = self.connections.send((stream, peer, Busy::new(&self.load), open));
        }
    }
}
