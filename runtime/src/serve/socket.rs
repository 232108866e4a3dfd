//! The timeouts of a connection that hyper itself does not provide.

use std::{
    io::{self, IoSlice},
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    task::unconstrained,
    time::{Instant, Sleep, sleep_until},
};

/// How long a connection may be idle between two requests: longer than the usual load balancers keep theirs, so that they close first
/// and never send a request on a connection that is being closed.
const IDLE: Duration = Duration::from_secs(650);

/// How long received bytes are discarded after the last response: if the socket were closed with unread bytes in it, the system would
/// reset the connection, and the client could lose the response.
const LINGER: Duration = Duration::from_secs(2);

/// A socket with a time limit for sending the head of a request, and for receiving a response.
///
/// hyper's own `header_read_timeout` includes the time that a connection is idle, and hyper has no timeout for writing.
pub(super) struct Socket {
    stream: TcpStream,
    exchanges: Arc<Exchanges>,
    /// How long a client may take to send a head, or to accept more of a response.
    timeout: Duration,
    reading: Reading,
    read_timeout: Timeout,
    write_timeout: Timeout,
    is_http2: bool,
    is_shut_down: bool,
}

/// The meaning of the next bytes from the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// The first bytes of the connection.
    First,
    /// Unknown: a response was just written.
    Written,
    /// The next request.
    Idle,
    /// The rest of a head that has arrived in part.
    Head,
    /// A body, or whatever a client sends while it waits for a response.
    Exchange,
}

impl Socket {
    pub(super) fn new(stream: TcpStream, exchanges: Arc<Exchanges>, timeout: Duration) -> Self {
        Socket {
            stream,
            exchanges,
            timeout,
            reading: Reading::First,
            read_timeout: Timeout::default(),
            write_timeout: Timeout::default(),
            is_http2: false,
            is_shut_down: false,
        }
    }

    fn poll_written<T>(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.write_timeout.clear();
        } else if self.write_timeout.has_elapsed(cx, self.timeout) {
            // Otherwise the system would send the rest of its buffer and close the connection normally, as after a complete response.
            let _ = self.stream.set_zero_linger();
            return Poll::Ready(Err(timed_out("the client does not receive the response")));
        }
        written
    }
}

impl AsyncRead for Socket {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(cx, buffer);
        // Clients may send empty lines between requests (RFC 9112, section 2.2).
        let received = buffer.filled()[before..].trim_ascii();
        let reading = match this.reading {
            _ if this.exchanges.is_active() => Reading::Exchange,
            Reading::Head => Reading::Head,
            Reading::First if received.is_empty() => Reading::First,
            _ if received.is_empty() || this.is_http2 => Reading::Idle,
            // Between two requests, an HTTP/2 client may send frames that belong to no request.
            Reading::First if cfg!(feature = "h2c") && received.starts_with(b"PRI") => {
                this.is_http2 = true;
                Reading::Idle
            }
            _ => Reading::Head,
        };
        if reading != this.reading {
            this.reading = reading;
            this.read_timeout.clear();
        }
        if polled.is_ready() {
            return polled;
        }
        let limit = match reading {
            Reading::Exchange => return Poll::Pending,
            Reading::Head => this.timeout,
            Reading::First | Reading::Idle | Reading::Written => IDLE,
        };
        if this.read_timeout.has_elapsed(cx, limit) {
            return Poll::Ready(Err(timed_out("no request was received")));
        }
        Poll::Pending
    }
}

impl AsyncWrite for Socket {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.reading = Reading::Written;
        let written = Pin::new(&mut this.stream).poll_write(cx, bytes);
        this.poll_written(cx, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        this.reading = Reading::Written;
        let written = Pin::new(&mut this.stream).poll_write_vectored(cx, bytes);
        this.poll_written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.is_shut_down {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            this.is_shut_down = true;
            this.read_timeout.clear();
        }
        // Discarding is necessary only after a response, which could be lost.
        while this.reading == Reading::Written {
            let mut discarded = [0; 4096];
            let mut discarded = ReadBuf::new(&mut discarded);
            match Pin::new(&mut this.stream).poll_read(cx, &mut discarded) {
                Poll::Ready(Ok(())) if !discarded.filled().is_empty() => {}
                Poll::Pending if !this.read_timeout.has_elapsed(cx, LINGER) => return Poll::Pending,
                _ => break,
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.exchanges.is_truncated.load(Ordering::Relaxed) {
            // The connection is reset, because the client would take its normal end for the end of a complete response.
            let _ = self.stream.set_zero_linger();
        }
    }
}

fn timed_out(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, message)
}

/// The requests of a connection that are being answered.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    active: AtomicUsize,
    is_upgraded: AtomicBool,
    is_truncated: AtomicBool,
}

impl Exchanges {
    /// Starts an exchange, which is active until it is dropped.
    pub(super) fn start(self: &Arc<Self>) -> Exchange {
        self.active.fetch_add(1, Ordering::Relaxed);
        Exchange(self.clone())
    }

    fn is_active(&self) -> bool {
        self.active.load(Ordering::Relaxed) > 0 || self.is_upgraded.load(Ordering::Relaxed)
    }
}

/// A request that is being answered, from its head to the end of the response.
#[derive(Debug)]
pub(super) struct Exchange(Arc<Exchanges>);

impl Exchange {
    /// Records that the connection was upgraded to another protocol, which has no requests.
    pub(super) fn upgrade(&self) {
        self.0.is_upgraded.store(true, Ordering::Relaxed);
    }

    /// Records that a response without a length is incomplete.
    pub(super) fn truncate(&self) {
        self.0.is_truncated.store(true, Ordering::Relaxed);
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A timeout that starts with the first poll of a wait. Its timer is reused, so that a wait that ends early does not create one.
#[derive(Debug, Default)]
pub(super) struct Timeout {
    deadline: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Timeout {
    /// Returns whether the wait is longer than `limit`. Otherwise the task is woken when it will be.
    pub(super) fn has_elapsed(&mut self, cx: &mut Context<'_>, limit: Duration) -> bool {
        let deadline = match self.deadline {
            Some(deadline) => deadline,
            None => match Instant::now().checked_add(limit) {
                Some(deadline) => *self.deadline.insert(deadline),
                None => return false,
            },
        };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        // The timer must also elapse for a task that has exhausted tokio's cooperative budget.
        while pin!(unconstrained(timer.as_mut())).poll(cx).is_ready() {
            if timer.deadline() >= deadline {
                return true;
            }
            timer.as_mut().reset(deadline);
        }
        false
    }

    /// Ends the wait.
    pub(super) fn clear(&mut self) {
        self.deadline = None;
    }
}
