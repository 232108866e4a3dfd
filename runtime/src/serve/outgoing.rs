use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Body as _, Frame};
use omnifn_core::Body;

use super::{
    reply::{self, Framing},
    writing::Writing,
};
use crate::http1::write_chunk_size;

/// The body of a reply on its way.
#[derive(Debug)]
pub(super) struct Outgoing {
    body: Body,
    framing: Framing,
}

/// How far it came.
#[derive(Debug)]
pub(super) enum Filled {
    /// All of it is to be written now.
    Whole,
    /// There may be more, when this has been written.
    Full,
    /// There is no more for now.
    Waits,
    /// There will be no more, and it is not whole.
    Broken,
}

impl Outgoing {
    pub(super) fn new(body: Body, framing: Framing) -> Self {
        Outgoing { body, framing }
    }

    /// The length of a body, if it is known.
    pub(super) fn length(body: &Body) -> Option<u64> {
        if body.is_end_stream() { Some(0) } else { body.size_hint().exact() }
    }

    pub(super) fn ends_with_connection(&self) -> bool {
        matches!(self.framing, Framing::Connection)
    }

    /// Puts what there is of it into what is to be written.
    pub(super) fn fill(&mut self, cx: &mut Context<'_>, writing: &mut Writing) -> Filled {
        while !writing.is_full() {
            let frame = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(Some(Err(_))) => return Filled::Broken,
                Poll::Ready(None) => return self.end(writing),
                Poll::Pending => return Filled::Waits,
            };
            let is_last = self.body.is_end_stream();
            match frame.into_data() {
                Ok(data) if data.is_empty() => {}
                Ok(data) => match &mut self.framing {
                    // It is all that was said, and nothing of what comes behind it.
                    Framing::Nothing => return Filled::Whole,
                    Framing::Length(left) => {
                        let length = (data.len() as u64).min(*left);
                        *left -= length;
                        writing.put(data.slice(..length as usize), b"");
                        if *left == 0 {
                            return Filled::Whole;
                        }
                    }
                    Framing::Chunks(_) => {
                        write_chunk_size(writing.begin(), data.len());
                        if is_last {
                            writing.put(data, b"\r\n0\r\n\r\n");
                            return Filled::Whole;
                        }
                        writing.put(data, b"\r\n");
                    }
                    Framing::Connection => writing.put(data, b""),
                },
                Err(frame) => return self.trail(frame, writing),
            }
            if is_last {
                return self.end(writing);
            }
        }
        Filled::Full
    }

    fn end(&mut self, writing: &mut Writing) -> Filled {
        match self.framing {
            Framing::Length(1..) => return Filled::Broken,
            Framing::Chunks(_) => writing.begin().extend_from_slice(b"0\r\n\r\n"),
            Framing::Length(0) | Framing::Nothing | Framing::Connection => {}
        }
        Filled::Whole
    }

    /// Nothing comes behind trailers.
    fn trail(&mut self, frame: Frame<Bytes>, writing: &mut Writing) -> Filled {
        match (&self.framing, frame.into_trailers()) {
            (Framing::Chunks(announced), Ok(trailers)) => {
                reply::write_trailers(writing.begin(), announced, &trailers);
                Filled::Whole
            }
            _ => self.end(writing),
        }
    }
}
