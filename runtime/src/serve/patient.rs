//! Patience with slow clients, and its end.

use std::{
    future::Future,
    io::{self, IoSlice},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
    task::{Context, Poll},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use omnifn_core::log::Decimal;
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::{Instant, Sleep, sleep_until},
};

/// A wait that has an end, and costs nothing where there is no wait. Its timer outlives it: the next wait, which begins with the next
/// request, most often, sets it again only when it has run out.
struct Wait {
    patience: Duration,
    since: Option<Instant>,
    timer: Option<Pin<Box<Sleep>>>,
}

impl Wait {
    fn new(patience: Duration) -> Self {
        Wait { patience, since: None, timer: None }
    }

    /// Nothing came: is it over?
    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let Some(until) = self.since.get_or_insert_with(Instant::now).checked_add(self.patience) else { return false };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(until)));
        loop {
            if timer.as_mut().poll(cx).is_pending() {
                return false;
            }
            if timer.deadline() >= until {
                return true;
            }
            timer.as_mut().reset(until);
        }
    }

    fn end(&mut self) {
        self.since = None;
    }
}

/// A request's body, which comes in time or breaks off.
pub(super) struct Arriving {
    body: Incoming,
    wait: Wait,
}

impl Arriving {
    pub(super) fn new(body: Incoming, patience: Duration) -> Self {
        Arriving { body, wait: Wait::new(patience) }
    }
}

impl Body for Arriving {
    type Data = Bytes;
    type Error = Box<dyn std::error::Error + Send + Sync>;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match Pin::new(&mut self.body).poll_frame(cx) {
            Poll::Ready(frame) => {
                self.wait.end();
                Poll::Ready(frame.map(|frame| frame.map_err(Into::into)))
            }
            Poll::Pending if self.wait.is_over(cx) => {
                let words = format!("nothing more of the body came for {} s", Decimal::seconds(self.wait.patience));
                Poll::Ready(Some(Err(words.into())))
            }
            Poll::Pending => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A connection that waits for nothing may wait so long: longer than the balancers in front keep theirs, so that it is they who close.
const IDLE: Duration = Duration::from_secs(650);

/// Whose turn it is on a connection of HTTP/1.1. Only the one that is waited for can be too slow.
#[derive(Debug, Clone, Default)]
pub(super) struct Turn(Arc<AtomicU8>);

const NOBODYS: u8 = 0;
const CLIENTS: u8 = 1;
const OURS: u8 = 2;

impl Turn {
    /// The head of a request is here: it is our turn, until the answer has gone.
    pub(super) fn ours(&self) -> Answering {
        self.0.store(OURS, Ordering::Relaxed);
        Answering(self.clone())
    }

    fn is(&self, whose: u8) -> bool {
        self.0.load(Ordering::Relaxed) == whose
    }

    /// Something came: if nobody was waited for, it is the beginning of a head.
    fn heard(&self) {
        let _ = self.0.compare_exchange(NOBODYS, CLIENTS, Ordering::Relaxed, Ordering::Relaxed);
    }
}

/// While it lives, it is our turn.
#[derive(Debug)]
pub(super) struct Answering(Turn);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.store(NOBODYS, Ordering::Relaxed);
    }
}

/// A connection whose other end sends the head of a request, and takes what is sent, in time; or it is cut off.
pub(super) struct Patient {
    stream: TcpStream,
    turn: Turn,
    head: Wait,
    idle: Wait,
    taking: Wait,
    /// The first bytes of all: HTTP/2 begins with `PRI`, and has no heads of this kind.
    first: [u8; 3],
    heard: usize,
}

impl Patient {
    pub(super) fn new(stream: TcpStream, patience: Duration, turn: Turn) -> Self {
        let (head, taking, idle) = (Wait::new(patience), Wait::new(patience), Wait::new(IDLE));
        Patient { stream, turn, head, idle, taking, first: [0; 3], heard: 0 }
    }

    fn hear(&mut self, came: &[u8]) {
        for byte in came.iter().take(self.first.len().saturating_sub(self.heard)) {
            self.first[self.heard] = *byte;
            self.heard += 1;
        }
        self.idle.end();
        if !came.is_empty() && !self.is_http2() {
            self.turn.heard();
        }
    }

    fn is_http2(&self) -> bool {
        &self.first == b"PRI"
    }

    fn write<T>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        write: impl FnOnce(Pin<&mut TcpStream>, &mut Context<'_>) -> Poll<io::Result<T>>,
    ) -> Poll<io::Result<T>> {
        match write(Pin::new(&mut self.stream), cx) {
            Poll::Ready(written) => {
                self.taking.end();
                Poll::Ready(written)
            }
            Poll::Pending if self.taking.is_over(cx) => Poll::Ready(Err(io::ErrorKind::TimedOut.into())),
            Poll::Pending => Poll::Pending,
        }
    }
}

impl AsyncRead for Patient {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if polled.is_ready() {
            self.hear(&buffer.filled()[before..]);
        }
        let is_over = match (self.turn.is(CLIENTS), self.turn.is(NOBODYS) && !self.is_http2()) {
            (true, _) if polled.is_pending() => self.head.is_over(cx),
            (true, _) => false,
            (false, is_idle) => {
                self.head.end();
                is_idle && polled.is_pending() && self.idle.is_over(cx)
            }
        };
        if is_over { Poll::Ready(Err(io::ErrorKind::TimedOut.into())) } else { polled }
    }
}

impl AsyncWrite for Patient {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write(cx, bytes))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.write(cx, |stream, cx| stream.poll_write_vectored(cx, bytes))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.write(cx, |stream, cx| stream.poll_flush(cx))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
