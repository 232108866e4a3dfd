use std::{
    cell::Cell,
    future::Future,
    io,
    pin::pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{io::AsyncReadExt, net::tcp::OwnedReadHalf};

use super::patience::Wait;
use crate::http1::{self, Bad, Decoder, Taken};

/// The largest head, in bytes, with the request line, of which 64 KiB may be the target. It has a hundred headers at most.
const HEAD_LIMIT: usize = 128 * 1024;

/// There is room for as much when the socket is read, in bytes, and for more where so much came.
const ROOM: usize = 8 * 1024;
const MOST_ROOM: usize = 64 * 1024;

thread_local! {
    /// A buffer that no connection needs now: one that waits for its next request has none.
    static SPARE: Cell<Option<BytesMut>> = const { Cell::new(None) };
}

/// The side of a connection that requests come by.
#[derive(Debug)]
pub(super) struct Reading {
    half: OwnedReadHalf,
    /// What came and was not taken yet.
    pub(super) buffer: BytesMut,
    room: usize,
    /// Of the head that is coming, so much was looked at.
    seen: usize,
}

/// What came.
#[derive(Debug)]
pub(super) enum Came {
    /// The head of a request: all its lines, with the empty one.
    Head(Bytes),
    /// What is none, or is too much.
    Bad(Bad),
    /// The end of the connection.
    End,
}

impl Reading {
    pub(super) fn new(half: OwnedReadHalf) -> Self {
        Reading { half, buffer: BytesMut::new(), room: ROOM, seen: 0 }
    }

    #[cfg(feature = "h2c")]
    pub(super) fn into_half(self) -> OwnedReadHalf {
        self.half
    }

    /// Waits for a head.
    pub(super) fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Came> {
        loop {
            if self.seen == 0 {
                skip_empty_lines(&mut self.buffer);
            }
            if !self.buffer.is_empty() && *self.buffer != *b"\r" {
                let is_first_look = self.seen == 0;
                match http1::end_of_head(&self.buffer, &mut self.seen) {
                    Some(end) if end <= HEAD_LIMIT => {
                        self.seen = 0;
                        return Poll::Ready(Came::Head(http1::split(&mut self.buffer, end)));
                    }
                    None if self.buffer.len() < HEAD_LIMIT => {
                        // Who speaks no HTTP may never send an empty line.
                        if is_first_look && let Some(bad) = http1::refused(&self.buffer) {
                            return Poll::Ready(Came::Bad(bad));
                        }
                    }
                    _ => return Poll::Ready(Came::Bad(Bad::LongHead)),
                }
            }
            match ready!(self.poll_more(cx)) {
                Ok(1..) => {}
                Ok(0) | Err(_) => return Poll::Ready(Came::End),
            }
        }
    }

    /// Reads more into the buffer; nothing where the other side has ended.
    pub(super) fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() == 0 {
            self.buffer = SPARE.take().unwrap_or_default();
        }
        // What was taken out of it stays where it is for as long as somebody has it.
        if self.buffer.capacity() - self.buffer.len() < self.room / 2 {
            self.buffer.reserve(self.room);
        }
        self.poll_any(cx)
    }

    /// The same, into the room that there is, so that it costs nothing to wait.
    pub(super) fn poll_any(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() == self.buffer.len() {
            self.buffer.reserve(ROOM);
        }
        let room = self.buffer.capacity() - self.buffer.len();
        let read = ready!(pin!(self.half.read_buf(&mut self.buffer)).poll(cx))?;
        self.room = if read == room { (self.room * 2).min(MOST_ROOM) } else { ROOM };
        Poll::Ready(Ok(read))
    }

    /// Throws away what is there of a body. Whether the body has ended.
    pub(super) fn skip(&mut self, decoder: &mut Decoder) -> Result<bool, Bad> {
        loop {
            match decoder.take(&mut self.buffer)? {
                Taken::Data(_) => {}
                Taken::Trailers(_) | Taken::End => return Ok(true),
                Taken::More => return Ok(false),
            }
        }
    }

    /// Throws away the rest of a body that nobody wants, but no more than there is to `spare`. Whether that was all of it.
    pub(super) fn poll_skip(
        &mut self,
        cx: &mut Context<'_>,
        decoder: &mut Decoder,
        spare: &mut u64,
        wait: &mut Wait,
    ) -> Poll<bool> {
        loop {
            match self.skip(decoder) {
                Ok(true) => return Poll::Ready(true),
                Ok(false) if *spare > 0 => {}
                _ => return Poll::Ready(false),
            }
            match self.poll_more(cx) {
                Poll::Ready(Ok(read @ 1..)) => *spare = spare.saturating_sub(read as u64),
                Poll::Ready(_) => return Poll::Ready(false),
                Poll::Pending if wait.is_over(cx) => return Poll::Ready(false),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// Throws away all that comes.
    pub(super) fn poll_end(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            self.buffer.clear();
            if !matches!(ready!(self.poll_more(cx)), Ok(1..)) {
                return Poll::Ready(());
            }
        }
    }

    /// Gives the buffer away where nothing is in it.
    pub(super) fn rest(&mut self) {
        if self.buffer.is_empty() {
            SPARE.set(Some(std::mem::take(&mut self.buffer)));
        }
    }
}

/// Leaves out the lines that some clients send behind a body (RFC 9112, 2.2).
fn skip_empty_lines(buffer: &mut BytesMut) {
    loop {
        match **buffer {
            [b'\n', ..] => buffer.advance(1),
            [b'\r', b'\n', ..] => buffer.advance(2),
            _ => return,
        }
    }
}
