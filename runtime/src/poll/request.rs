use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderName, HeaderValue};
use tokio::{io::AsyncWrite, net::TcpStream};

use super::{
    endpoint::Endpoint,
    stream::{Piece, Streamed},
};
use crate::http1;

/// A request to the Runtime API, as it goes out.
pub(super) struct Request {
    /// The head, with a small body behind it; of a stream what is next.
    front: Vec<u8>,
    /// What follows, too long to be copied.
    data: Bytes,
    /// The end of a long chunk.
    back: &'static [u8],
    /// How much of these three is written.
    written: usize,
    /// Whether any byte was written.
    begun: bool,
    /// How long the question is that follows it in `front`, which has a response of its own.
    question: usize,
    /// Where the body is a stream that has not ended.
    stream: Option<Streamed>,
}

/// A part of a body that is no longer goes out with what is written before it: a copy costs less than a second part.
const SMALL: usize = 16 * 1024;

impl Request {
    /// One that is written already.
    pub(super) fn written(bytes: Bytes) -> Self {
        Request { front: Vec::new(), data: bytes, back: b"", written: 0, begun: false, question: 0, stream: None }
    }

    /// The first lines of a question.
    pub(super) fn get(to: &Endpoint, path: &[&str]) -> Self {
        Request::begin("GET", to, path, 0)
    }

    /// The first lines of a post, with room for a body.
    pub(super) fn post(to: &Endpoint, path: &[&str], body: usize) -> Self {
        Request::begin("POST", to, path, if body <= SMALL { body } else { 0 })
    }

    fn begin(method: &str, to: &Endpoint, path: &[&str], body: usize) -> Self {
        let base = &to.base;
        let length = base.len() + path.iter().map(|part| part.len()).sum::<usize>();
        // The headers of a post are a few, and short.
        let mut front = Vec::with_capacity(length + 512 + body);
        front.extend_from_slice(method.as_bytes());
        front.push(b' ');
        front.extend_from_slice(base.as_bytes());
        path.iter().for_each(|part| front.extend_from_slice(part.as_bytes()));
        front.extend_from_slice(b" HTTP/1.1\r\n");
        http1::write_field(&mut front, "host", to.authority.as_bytes());
        http1::write_field(&mut front, "user-agent", AGENT);
        Request { front, ..Request::written(Bytes::new()) }
    }

    pub(super) fn header(&mut self, name: HeaderName, value: &HeaderValue) {
        http1::write_field(&mut self.front, name.as_str(), value.as_bytes());
    }

    /// Without a body.
    pub(super) fn bare(mut self) -> Self {
        self.end_head();
        self
    }

    /// With all of its body.
    pub(super) fn whole(mut self, body: Bytes) -> Self {
        http1::write_field(&mut self.front, "content-length", itoa::Buffer::new().format(body.len()).as_bytes());
        self.end_head();
        if body.len() <= SMALL {
            self.front.extend_from_slice(&body);
        } else {
            self.data = body;
        }
        self
    }

    /// Sends a question behind it, in the same piece, where it is one piece itself.
    pub(super) fn ask(&mut self, question: &[u8]) -> bool {
        let is_one = self.data.is_empty() && self.stream.is_none();
        if is_one {
            self.front.extend_from_slice(question);
            self.question = question.len();
        }
        is_one
    }

    /// Whether a question follows.
    pub(super) fn asks(&self) -> bool {
        self.question > 0
    }

    /// With a body that comes.
    pub(super) fn streamed(mut self, body: Streamed) -> Self {
        http1::write_field(&mut self.front, "transfer-encoding", b"chunked");
        self.end_head();
        self.stream = Some(body);
        self
    }

    fn end_head(&mut self) {
        self.front.extend_from_slice(b"\r\n");
    }

    /// What is written of it, as bytes that can be kept.
    pub(super) fn into_bytes(self) -> Bytes {
        self.front.into()
    }

    /// One that is no stream is to be written from its first byte on once more. It asks for nothing then: an API may close a connection
    /// because two requests came together.
    pub(super) fn again(&mut self) {
        self.front.truncate(self.front.len() - self.question);
        (self.written, self.begun, self.question) = (0, false, 0);
    }

    /// Whether no byte was written.
    pub(super) fn is_unsent(&self) -> bool {
        !self.begun
    }

    /// Whether all is written.
    pub(super) fn is_sent(&self) -> bool {
        self.stream.is_none() && self.left() == 0
    }

    fn left(&self) -> usize {
        self.front.len() + self.data.len() + self.back.len() - self.written
    }

    /// Writes what can be written at once. Pending, too, where a stream has nothing yet.
    pub(super) fn poll_write(&mut self, cx: &mut Context<'_>, socket: &mut TcpStream) -> Poll<io::Result<()>> {
        self.fill(cx);
        if self.left() == 0 {
            return if self.stream.is_none() { Poll::Ready(Ok(())) } else { Poll::Pending };
        }
        let mut skip = self.written;
        let mut rest = |part: &[u8]| {
            let skipped = skip.min(part.len());
            skip -= skipped;
            skipped
        };
        let (front, data, back) = (rest(&self.front), rest(&self.data), rest(self.back));
        let parts = [&self.front[front..], &self.data[data..], &self.back[back..]];
        let socket = Pin::new(socket);
        let written = match parts {
            [one, [], []] | [[], one, []] => socket.poll_write(cx, one),
            _ => socket.poll_write_vectored(cx, &parts.map(IoSlice::new)),
        };
        match ready!(written)? {
            0 => Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
            written => {
                self.written += written;
                self.begun = true;
                Poll::Ready(Ok(()))
            }
        }
    }

    /// Takes what a stream has, up to so much that it is worth a write.
    fn fill(&mut self, cx: &mut Context<'_>) {
        let Some(stream) = &mut self.stream else { return };
        if self.front.len() + self.data.len() + self.back.len() == self.written {
            self.front.clear();
            (self.data, self.back, self.written) = (Bytes::new(), b"", 0);
        }
        while self.data.is_empty() && self.front.len() < SMALL {
            match stream.poll_piece(cx) {
                Poll::Pending => return,
                Poll::Ready(Piece::Data(data)) => {
                    http1::write_chunk_size(&mut self.front, data.len());
                    if data.len() <= SMALL {
                        self.front.extend_from_slice(&data);
                        self.front.extend_from_slice(b"\r\n");
                    } else {
                        (self.data, self.back) = (data, b"\r\n");
                    }
                }
                Poll::Ready(Piece::End(trailers)) => {
                    http1::write_chunk_size(&mut self.front, 0);
                    http1::write_fields(&mut self.front, &trailers);
                    self.front.extend_from_slice(b"\r\n");
                    self.stream = None;
                    return;
                }
            }
        }
    }
}

const AGENT: &[u8] = concat!("omnifn/", env!("CARGO_PKG_VERSION")).as_bytes();
