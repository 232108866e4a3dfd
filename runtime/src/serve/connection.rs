//! One connection: a request after the other, each answered before the next is read.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{Request, Response, StatusCode, request::Parts};
use omnifn_core::{Adapter, Body, Error, ErrorKind, IntoResponse, Payload, Peer};
use tokio::{net::TcpStream, time::timeout};

use super::{
    graceful::{Connections, Open},
    incoming::{Back, Incoming, Lent},
    outgoing::{Filled, Outgoing},
    patience::{Idle, Wait},
    reading::{Came, Reading},
    reply::{self, Asked, Framing},
    writing::Writing,
};
use crate::{
    dispatch::{Begun, Dispatch},
    http1::{self, Bad, Decoder, Length, RequestHead},
    log, panic,
};

/// As much of a body that nobody wants is thrown away, in bytes, so that the connection can live on.
const UNWANTED: u64 = 64 * 1024;

/// As long is what nobody wants thrown away before a connection is closed: where more comes behind, a reply that was sent may be lost.
const LINGER: Duration = Duration::from_secs(2);

/// Serves a connection to its end, beside all others.
pub(super) fn serve<A: Adapter>(
    stream: TcpStream,
    peer: SocketAddr,
    dispatch: Arc<Dispatch<A>>,
    connections: &Arc<Connections>,
    patience: Duration,
) {
    let (reading, writing) = stream.into_split();
    let connection = Connection {
        reads: Reads::Itself(Reading::new(reading)),
        writing: Writing::new(writing),
        asked: Asked::NOTHING,
        patience: Wait::new(patience),
        idle: Idle::default(),
        connections: connections.clone(),
        is_first: true,
    };
    tokio::spawn(run(connection, connections.open(), peer, dispatch));
}

/// How a connection ends is its peer's affair: a client that goes away is no error of this program.
async fn run<A: Adapter>(mut connection: Connection, open: Open, peer: SocketAddr, dispatch: Arc<Dispatch<A>>) {
    let mut told = pin!(open.told());
    poll_fn(|cx| {
        // From now on the word to end wakes this task.
        let _ = told.as_mut().poll(cx);
        Poll::Ready(())
    })
    .await;
    loop {
        let (mut head, payload) = match poll_fn(|cx| connection.poll_request(cx)).await {
            Next::Request(head, payload) => (head, payload),
            #[cfg(feature = "h2c")]
            Next::Http2 => {
                let patience = connection.patience.patience;
                let Some((stream, behind)) = connection.into_stream() else { return };
                // Boxed, or each connection would have the room for it.
                return Box::pin(super::h2c::serve(stream, behind, peer, dispatch, told, patience)).await;
            }
            Next::Refused(bad) => {
                connection.refuse(bad).await;
                break;
            }
            Next::End => return,
        };
        if dispatch.adapter().reads_peer() {
            head.extensions.insert(Peer(peer));
        }
        let begun = panic::catch_now(|| dispatch.begin(head, payload));
        let answered = {
            let mut answering = pin!(finish(&dispatch, begun));
            poll_fn(|cx| connection.poll_beside(cx, |cx| answering.as_mut().poll(cx))).await
        };
        let Some(response) = answered else { return };
        if !connection.send(response).await {
            break;
        }
    }
    connection.close().await;
}

/// The rest of an answer. A panic outside of the user's function is one, too.
pub(super) async fn finish<A: Adapter>(dispatch: &Dispatch<A>, begun: Result<Begun<A>, String>) -> Response<Payload> {
    let answered = match begun {
        Ok(begun) => panic::catch(pin!(dispatch.finish(begun))).await,
        Err(message) => Err(message),
    };
    answered.unwrap_or_else(|message| {
        let error = Error::new(ErrorKind::Panicked, format!("the runtime panicked: {message}"));
        log::error(format_args!("{error}"));
        error.into_response().map(Payload::Stream)
    })
}

/// A connection, without what is served on it.
#[derive(Debug)]
struct Connection {
    reads: Reads,
    writing: Writing,
    /// By the request that is being answered.
    asked: Asked,
    patience: Wait,
    idle: Idle,
    connections: Arc<Connections>,
    is_first: bool,
}

/// Who reads what comes.
#[derive(Debug)]
enum Reads {
    Itself(Reading),
    /// The body of the request.
    Lent(Arc<Lent>),
    /// Nobody any more, but the body has not ended.
    Unread(Reading, Decoder),
    /// Nobody: where the next request begins is not known.
    Lost(Option<Reading>),
}

/// What comes next on a connection.
enum Next {
    Request(Parts, Payload),
    #[cfg(feature = "h2c")]
    Http2,
    Refused(Bad),
    End,
}

impl Connection {
    fn poll_request(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let Reads::Itself(reading) = &mut self.reads else { return Poll::Ready(Next::End) };
        let head = match reading.poll_head(cx) {
            Poll::Ready(Came::Head(head)) => head,
            Poll::Ready(Came::Bad(bad)) => return Poll::Ready(Next::Refused(bad)),
            Poll::Ready(Came::End) => return Poll::Ready(Next::End),
            Poll::Pending => {
                let is_over = if reading.buffer.is_empty() {
                    reading.rest();
                    self.writing.rest();
                    self.connections.is_ending() || self.idle.is_over(cx)
                } else {
                    self.patience.is_over(cx)
                };
                return if is_over { Poll::Ready(Next::End) } else { Poll::Pending };
            }
        };
        self.patience.end();
        self.idle.end();
        let next = match http1::request(&head) {
            Ok(head) => self.begin(head),
            #[cfg(feature = "h2c")]
            Err(_) if self.is_first && *head == *super::h2c::PREFACE => Next::Http2,
            Err(bad) => Next::Refused(bad),
        };
        self.is_first = false;
        Poll::Ready(next)
    }

    fn begin(&mut self, head: RequestHead) -> Next {
        self.asked = Asked::by(&head);
        let mut parts = Request::new(()).into_parts().0;
        let RequestHead { method, uri, version, headers, fields } = head;
        (parts.method, parts.uri, parts.version, parts.headers) = (method, uri, version, headers);
        let buffer = match &mut self.reads {
            Reads::Itself(reading) => &mut reading.buffer,
            _ => return Next::End,
        };
        let payload = match fields.length {
            Length::Unsaid | Length::Known(0) => Payload::default(),
            Length::Known(length) if length <= buffer.len() as u64 && !fields.waits => {
                Payload::Whole(buffer.split_to(length as usize).freeze())
            }
            length => match std::mem::replace(&mut self.reads, Reads::Lost(None)) {
                Reads::Itself(reading) => {
                    let decoder = Decoder::of_request(length);
                    let (body, lent) = Incoming::new(reading, decoder, fields.waits, self.patience.patience);
                    self.reads = Reads::Lent(lent);
                    Payload::Stream(Body::new(body))
                }
                _ => return Next::End,
            },
        };
        Next::Request(parts, payload)
    }

    /// Lets something make progress, and whatever else of this connection can: its body is read, its client is watched. None where the
    /// client has gone.
    fn poll_beside<T>(
        &mut self,
        cx: &mut Context<'_>,
        poll: impl FnOnce(&mut Context<'_>) -> Poll<T>,
    ) -> Poll<Option<T>> {
        if let Reads::Lent(lent) = &self.reads {
            lent.is_heard();
        }
        match poll(cx) {
            Poll::Ready(done) => Poll::Ready(Some(done)),
            Poll::Pending => self.poll_client(cx, true).map(|()| None),
        }
    }

    /// Sees to what a body wants of the connection, and waits for the client to go away.
    fn poll_client(&mut self, cx: &mut Context<'_>, may_ask: bool) -> Poll<()> {
        if let Reads::Lent(lent) = &self.reads {
            let wish = lent.wish(cx);
            if wish.asked && may_ask {
                self.writing.begin().extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
            }
            if let Some(back) = wish.back {
                self.take(back);
            }
        }
        if !self.writing.first.is_empty() && let Poll::Ready(false) = self.poll_flush(cx) {
            return Poll::Ready(());
        }
        match &mut self.reads {
            // Who sends the next request ahead is there. One who has ended is taken as gone.
            Reads::Itself(reading) if reading.buffer.is_empty() => match ready!(reading.poll_any(cx)) {
                Ok(1..) => Poll::Pending,
                Ok(0) | Err(_) => Poll::Ready(()),
            },
            _ => Poll::Pending,
        }
    }

    fn take(&mut self, back: Back) {
        self.reads = match back {
            Back::Ended(reading) => Reads::Itself(reading),
            Back::Unread(reading, decoder) => Reads::Unread(reading, decoder),
            Back::Lost(reading) => Reads::Lost(Some(reading)),
        };
    }

    /// Sends a reply. Whether another request may follow.
    async fn send(&mut self, response: Response<Payload>) -> bool {
        let (head, payload) = response.into_parts();
        self.asked.keeps &= !self.connections.is_ending() && self.is_in_step();
        let length = match &payload {
            Payload::Whole(whole) => Some(whole.len() as u64),
            Payload::Stream(body) => Outgoing::length(body),
        };
        let begun = reply::write_head(self.writing.begin(), &head, length, self.asked);
        drop(head);
        let is_sent = match (payload, begun.framing) {
            (_, Framing::Nothing) => poll_fn(|cx| self.poll_flush(cx)).await,
            (Payload::Whole(whole), _) => {
                self.writing.put(whole, b"");
                poll_fn(|cx| self.poll_flush(cx)).await
            }
            (Payload::Stream(body), framing) => {
                let mut outgoing = Outgoing::new(body, framing);
                poll_fn(|cx| self.poll_send(cx, &mut outgoing)).await
            }
        };
        is_sent && begun.keeps && self.regain().await
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
                Filled::Broken => {
                    if outgoing.ends_with_connection() {
                        self.writing.cut_off();
                    }
                    return Poll::Ready(false);
                }
            }
        }
    }

    /// Writes what is to be written. Whether it has gone.
    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
        let flushed = self.writing.poll_flush(cx);
        if self.writing.has_moved() {
            self.patience.end();
        }
        match flushed {
            Poll::Ready(written) => Poll::Ready(written.is_ok()),
            Poll::Pending if self.patience.is_over(cx) => Poll::Ready(false),
            Poll::Pending => Poll::Pending,
        }
    }

    /// Whether the next request can be found, as far as that can be said now.
    fn is_in_step(&mut self) -> bool {
        if let Reads::Lent(lent) = &self.reads && let Some(back) = lent.back() {
            self.take(back);
        }
        match &mut self.reads {
            Reads::Itself(_) | Reads::Lent(_) => true,
            Reads::Lost(_) => false,
            Reads::Unread(reading, decoder) => match reading.skip(decoder) {
                Ok(true) => true,
                Ok(false) => decoder.remaining().is_some_and(|remaining| remaining <= UNWANTED),
                Err(_) => false,
            },
        }
    }

    /// Waits until the body of the request has been read, or throws the rest of it away. Whether the next request can be found.
    async fn regain(&mut self) -> bool {
        if let Reads::Lent(lent) = &self.reads {
            let lent = lent.clone();
            let back = poll_fn(|cx| lent.wish(cx).back.map_or(Poll::Pending, Poll::Ready)).await;
            self.take(back);
        }
        match std::mem::replace(&mut self.reads, Reads::Lost(None)) {
            Reads::Itself(reading) => {
                self.reads = Reads::Itself(reading);
                true
            }
            Reads::Unread(mut reading, mut decoder) => {
                let mut wait = Wait::new(self.patience.patience);
                let is_found = poll_fn(|cx| reading.poll_skip(cx, &mut decoder, UNWANTED, &mut wait)).await;
                self.reads = if is_found { Reads::Itself(reading) } else { Reads::Lost(Some(reading)) };
                is_found
            }
            reads => {
                self.reads = reads;
                false
            }
        }
    }

    /// Answers what is no request, or too much of one.
    async fn refuse(&mut self, bad: Bad) {
        let status = match bad {
            Bad::Syntax(_) => StatusCode::BAD_REQUEST,
            Bad::TooManyHeaders | Bad::LongHead => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Bad::LongTarget => StatusCode::URI_TOO_LONG,
        };
        reply::write_plain(self.writing.begin(), status, Asked::NOTHING);
        poll_fn(|cx| self.poll_flush(cx)).await;
        if let Reads::Itself(reading) = std::mem::replace(&mut self.reads, Reads::Lost(None)) {
            self.reads = Reads::Lost(Some(reading));
        }
    }

    /// Closes the connection, so that what was sent arrives.
    async fn close(mut self) {
        if poll_fn(|cx| self.writing.poll_shutdown(cx)).await.is_err() {
            return;
        }
        let mut reading = match self.reads {
            Reads::Itself(reading) if !reading.buffer.is_empty() => reading,
            Reads::Unread(reading, _) | Reads::Lost(Some(reading)) => reading,
            _ => return,
        };
        let _ = timeout(LINGER, poll_fn(|cx| reading.poll_end(cx))).await;
    }

    /// The connection as it came, with what came behind the head that was read.
    #[cfg(feature = "h2c")]
    fn into_stream(self) -> Option<(TcpStream, bytes::BytesMut)> {
        let Reads::Itself(mut reading) = self.reads else { return None };
        let behind = std::mem::take(&mut reading.buffer);
        let stream = reading.into_half().reunite(self.writing.into_half()).ok()?;
        Some((stream, behind))
    }
}
