use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::Response;
use http_body::{Body as _, Frame};
use omnifn_core::{Body, Payload};

use super::{
    connection::{Connection, Reads},
    reply::{self, Framing},
    writing::Writing,
};
use crate::http1::write_chunk_size;

/// A reply on its way.
#[derive(Debug)]
pub(super) struct Sending {
    /// None where it is all there to be written.
    body: Option<Outgoing>,
    ends_with_connection: bool,
    keeps: bool,
}

impl Connection {
    /// Begins a reply.
    pub(super) fn reply(&mut self, response: Response<Payload>) -> Sending {
        let (head, payload) = response.into_parts();
        self.asked.keeps &= self.is_in_step() && !self.open.is_ending();
        let length = match &payload {
            Payload::Whole(whole) => Some(whole.len() as u64),
            Payload::Stream(body) => Outgoing::length(body),
        };
        let begun = reply::write_head(self.writing.begin(), &head, length, self.asked);
        drop(head);
        let (keeps, ends_with_connection) = (begun.keeps, matches!(begun.framing, Framing::Connection));
        let body = match (payload, begun.framing) {
            (_, Framing::Nothing) => None,
            (Payload::Whole(whole), _) => {
                self.writing.put(whole, b"");
                None
            }
            (Payload::Stream(body), framing) => Some(Outgoing::new(body, framing)),
        };
        Sending { body, ends_with_connection, keeps }
    }

    /// Sends it. Whether another request may follow.
    pub(super) fn poll_sent(&mut self, cx: &mut Context<'_>, sending: &mut Sending) -> Poll<bool> {
        let is_sent = ready!(match &mut sending.body {
            Some(body) => self.poll_send(cx, body),
            None => self.poll_flush(cx),
        });
        self.is_cut_off = sending.body.is_some() && sending.ends_with_connection && !is_sent;
        Poll::Ready(is_sent && sending.keeps)
    }

    /// Sends a body, as it comes. Whether all of it was sent.
    fn poll_send(&mut self, cx: &mut Context<'_>, outgoing: &mut Outgoing) -> Poll<bool> {
        loop {
            if let Reads::Lent(lent) = &self.reads {
                lent.is_heard();
            }
            let filled = if self.writing.is_full() { Filled::Full } else { outgoing.fill(cx, &mut self.writing) };
            if !ready!(self.poll_flush(cx)) {
                return Poll::Ready(false);
            }
            match filled {
                Filled::Whole => return Poll::Ready(true),
                Filled::Full => {}
                Filled::Waits => return self.poll_client(cx, false).map(|()| false),
                Filled::Broken => return Poll::Ready(false),
            }
        }
    }
}

/// The body of a reply on its way.
#[derive(Debug)]
struct Outgoing {
    body: Body,
    framing: Framing,
    /// It is not asked again when it has ended, which may be before all of it was written.
    ended: Option<Filled>,
}

/// How far it came.
#[derive(Debug, Clone, Copy)]
enum Filled {
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
    fn new(body: Body, framing: Framing) -> Self {
        Outgoing { body, framing, ended: None }
    }

    /// The length of a body, if it is known.
    fn length(body: &Body) -> Option<u64> {
        if body.is_end_stream() { Some(0) } else { body.size_hint().exact() }
    }

    /// Puts what there is of it into what is to be written.
    fn fill(&mut self, cx: &mut Context<'_>, writing: &mut Writing) -> Filled {
        if let Some(ended) = self.ended {
            return ended;
        }
        let filled = self.fill_more(cx, writing);
        if let Filled::Whole | Filled::Broken = filled {
            self.ended = Some(filled);
        }
        filled
    }

    fn fill_more(&mut self, cx: &mut Context<'_>, writing: &mut Writing) -> Filled {
        loop {
            if writing.is_full() {
                return Filled::Full;
            }
            let frame = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => frame,
                Poll::Ready(Some(Err(_))) => return Filled::Broken,
                Poll::Ready(None) => break,
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
                break;
            }
        }
        self.end(writing)
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
