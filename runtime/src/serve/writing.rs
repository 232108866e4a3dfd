use std::{
    cell::Cell,
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::{io::AsyncWrite, net::tcp::OwnedWriteHalf};

/// What is larger is not copied, in bytes: it is written from where it is.
const SMALL: usize = 8 * 1024;

/// As much is kept of what is not written yet, in bytes, and no more is made before it has gone.
const FULL: usize = 64 * 1024;

thread_local! {
    /// A buffer that no connection needs now.
    static SPARE: Cell<Option<Vec<u8>>> = const { Cell::new(None) };
}

/// The side of a connection that replies go by.
#[derive(Debug)]
pub(super) struct Writing {
    half: OwnedWriteHalf,
    /// What goes first: heads, and what is small.
    pub(super) first: Vec<u8>,
    written: usize,
    /// What goes behind it.
    large: Bytes,
    /// And behind that.
    end: &'static [u8],
    has_moved: bool,
}

impl Writing {
    pub(super) fn new(half: OwnedWriteHalf) -> Self {
        Writing { half, first: Vec::new(), written: 0, large: Bytes::new(), end: b"", has_moved: false }
    }

    #[cfg(feature = "h2c")]
    pub(super) fn into_half(self) -> OwnedWriteHalf {
        self.half
    }

    /// Makes room for what comes next.
    #[inline(never)]
    pub(super) fn begin(&mut self) -> &mut Vec<u8> {
        if self.first.capacity() == 0 {
            self.first = SPARE.take().unwrap_or_default();
        }
        &mut self.first
    }

    /// Puts some of a body behind what is there, and something behind it. Not where it is full.
    pub(super) fn put(&mut self, data: Bytes, end: &'static [u8]) {
        if data.len() <= SMALL {
            self.first.reserve(data.len() + end.len());
            self.first.extend_from_slice(&data);
            self.first.extend_from_slice(end);
        } else {
            (self.large, self.end) = (data, end);
        }
    }

    /// Whether it has to be written before there is more.
    pub(super) fn is_full(&self) -> bool {
        !self.large.is_empty() || !self.end.is_empty() || self.first.len() > FULL
    }

    /// Writes all that is there. A whole reply goes in one call.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let half = &mut Pin::new(&mut self.half);
        loop {
            let first = &self.first[self.written..];
            let written = match (first, &*self.large, self.end) {
                ([], [], []) => break,
                (first, [], []) => ready!(half.as_mut().poll_write(cx, first))?,
                (first, large, end) => {
                    let all = [first, large, end].map(IoSlice::new);
                    ready!(half.as_mut().poll_write_vectored(cx, &all))?
                }
            };
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.has_moved = true;
            let of_first = written.min(self.first.len() - self.written);
            let of_large = (written - of_first).min(self.large.len());
            self.written += of_first;
            self.large.advance(of_large);
            if of_large > 0 && self.large.is_empty() {
                // Empty, it would still keep the whole of what it was a part of.
                self.large = Bytes::new();
            }
            self.end = &self.end[written - of_first - of_large..];
        }
        self.first.clear();
        self.written = 0;
        Poll::Ready(Ok(()))
    }

    /// Whether some of it was written since this was asked: who takes it may be slow, but is there.
    pub(super) fn has_moved(&mut self) -> bool {
        std::mem::take(&mut self.has_moved)
    }

    /// Says that no more comes.
    pub(super) fn poll_shutdown(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.half).poll_shutdown(cx)
    }

    /// Lets the other side know that what it got is not whole, where the end of the connection would be the end of it.
    pub(super) fn cut_off(self) {
        // Whether it can be told or not, it is the end.
        let _ = self.half.as_ref().set_zero_linger();
        self.half.forget();
    }

    /// Gives the buffer away.
    pub(super) fn rest(&mut self) {
        if self.first.is_empty() && self.first.capacity() > 0 {
            let first = std::mem::take(&mut self.first);
            if first.capacity() <= 2 * FULL {
                SPARE.set(Some(first));
            }
        }
    }
}
