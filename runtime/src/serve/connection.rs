//! One connection: a request after the other, each answered before the next is read.

use std::{
    future::{Future, poll_fn},
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use http::{Response, request::Parts};
use omnifn_core::{Adapter, Body, Error, ErrorKind, IntoResponse, Payload, Peer};
use tokio::net::TcpStream;

use super::{
    graceful::Open,
    incoming::{Back, Incoming, Lent},
    patience::{Idle, Wait},
    reading::{Came, Reading},
    reply::Asked,
    threads::Busy,
    writing::Writing,
};
use crate::{
    dispatch::Dispatch,
    http1::{self, Decoder, Fields, Length, Names},
    log, panic,
};

/// What all connections share.
pub(super) struct Shared<A> {
    pub(super) dispatch: Dispatch<A>,
    pub(super) names: Names,
}

/// Serves a connection to its end, beside all others.
pub(super) fn serve<A: Adapter>(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared<A>>,
    patience: Duration,
    busy: Busy,
    open: Open,
) {
    let (reading, writing) = stream.into_split();
    let connection = Connection {
        reads: Reads::Itself(Reading::new(reading)),
        writing: Writing::new(writing),
        asked: Asked::NOTHING,
        patience: Wait::new(patience),
        idle: Idle::default(),
        is_first: true,
        is_cut_off: false,
        _busy: busy,
        open,
    };
    tokio::spawn(run(connection, peer, shared));
}

/// How a connection ends is its peer's affair: a client that goes away is no error of this program.
async fn run<A: Adapter>(mut connection: Connection, peer: SocketAddr, shared: Arc<Shared<A>>) {
    let Shared { dispatch, names } = &*shared;
    poll_fn(|cx| Poll::Ready(connection.open.hear(cx))).await;
    let bad = loop {
        let mut came = poll_fn(|cx| connection.poll_head(cx)).await;
        if matches!(came, Came::End) && connection.open.is_ending() {
            // What came before the word to end may be told behind it: the system is asked once more.
            tokio::task::yield_now().await;
            came = poll_fn(|cx| connection.poll_head(cx)).await;
        }
        let lines = match came {
            Came::Head(lines) => lines,
            Came::Bad(bad) => break Some(bad),
            Came::End => return,
        };
        let (mut head, fields) = match http1::request(&lines, names) {
            Ok(request) => request,
            #[cfg(feature = "h2c")]
            Err(_) if connection.is_first && *lines == *super::h2c::PREFACE => {
                let patience = connection.patience.patience;
                let Some((stream, behind, open)) = connection.into_stream() else { return };
                // Boxed, or each connection would have the room for it.
                return Box::pin(super::h2c::serve(stream, behind, peer, shared.clone(), open, patience)).await;
            }
            Err(bad) => break Some(bad),
        };
        drop(lines);
        let payload = connection.begin(&head, &fields);
        if dispatch.adapter().reads_peer() {
            head.extensions.insert(Peer(peer));
        }
        let finishing = pin!(dispatch.answer(http::Request::from_parts(head, payload)));
        let mut answering = panic::catch(finishing);
        let answered = poll_fn(|cx| connection.poll_beside(cx, |cx| Pin::new(&mut answering).poll(cx))).await;
        let Some(answered) = answered else { return };
        let mut sending = connection.reply(answered.unwrap_or_else(panicked));
        let goes_on = poll_fn(|cx| connection.poll_sent(cx, &mut sending)).await;
        // It may have the body of the request, which is waited for.
        drop(sending);
        if !goes_on || !connection.regain().await {
            break None;
        }
    };
    if let Some(bad) = bad {
        connection.refuse(bad);
        poll_fn(|cx| connection.poll_flush(cx)).await;
    }
    if connection.is_cut_off {
        return connection.writing.cut_off();
    }
    connection.close().await;
}

/// A panic outside of the user's function is answered, too.
#[cold]
pub(super) fn panicked(message: String) -> Response<Payload> {
    let error = Error::new(ErrorKind::Panicked, format!("the runtime panicked: {message}"));
    log::error(format_args!("{error}"));
    error.into_response().map(Payload::Stream)
}

/// A connection, without what is served on it.
#[derive(Debug)]
pub(super) struct Connection {
    pub(super) reads: Reads,
    pub(super) writing: Writing,
    /// By the request that is being answered.
    pub(super) asked: Asked,
    pub(super) patience: Wait,
    pub(super) idle: Idle,
    is_first: bool,
    /// The end of the connection would be taken for that of the reply, which is not whole.
    pub(super) is_cut_off: bool,
    _busy: Busy,
    pub(super) open: Open,
}

/// Who reads what comes.
#[derive(Debug)]
pub(super) enum Reads {
    Itself(Reading),
    /// The body of the request.
    Lent(Arc<Lent>),
    /// Nobody any more, but the body has not ended.
    Unread(Reading, Decoder),
    /// Nobody: where the next request begins is not known.
    Lost(Option<Reading>),
}

impl Reads {
    /// The reading side, where the connection has it, which has none from now on.
    #[inline(never)]
    pub(super) fn leave(&mut self) -> Option<Reading> {
        match std::mem::replace(self, Reads::Lost(None)) {
            Reads::Itself(reading) | Reads::Unread(reading, _) => Some(reading),
            Reads::Lost(reading) => reading,
            Reads::Lent(_) => None,
        }
    }
}

impl Connection {
    /// Waits for the head of the next request.
    fn poll_head(&mut self, cx: &mut Context<'_>) -> Poll<Came> {
        let Reads::Itself(reading) = &mut self.reads else { return Poll::Ready(Came::End) };
        if let Poll::Ready(came) = reading.poll_head(cx) {
            self.patience.end();
            self.idle.end();
            return Poll::Ready(came);
        }
        let is_over = if reading.buffer.is_empty() {
            reading.rest();
            self.writing.rest();
            self.patience.end();
            self.open.is_ending() || self.idle.is_over(cx)
        } else {
            self.patience.is_over(cx)
        };
        if is_over { Poll::Ready(Came::End) } else { Poll::Pending }
    }

    /// Begins a request. Its body is here, or it reads the connection itself.
    fn begin(&mut self, head: &Parts, fields: &Fields) -> Payload {
        self.asked = Asked::by(head, fields);
        self.is_first = false;
        let length = match (fields.length, &mut self.reads) {
            (Length::Unsaid | Length::Known(0), _) => return Payload::default(),
            (Length::Known(length), Reads::Itself(Reading { buffer, .. }))
                if length <= buffer.len() as u64 && !fields.waits =>
            {
                return Payload::Whole(http1::split(buffer, length as usize));
            }
            (length, _) => length,
        };
        // It was just read by itself.
        let Some(reading) = self.reads.leave() else { return Payload::default() };
        let decoder = Decoder::of_request(length);
        let (body, lent) = Incoming::new(reading, decoder, fields.waits, self.patience.patience);
        self.reads = Reads::Lent(lent);
        Payload::Stream(Body::new(body))
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
    pub(super) fn poll_client(&mut self, cx: &mut Context<'_>, may_ask: bool) -> Poll<()> {
        if let Reads::Lent(lent) = &self.reads {
            let wish = lent.wish(cx);
            if wish.asked && may_ask {
                self.writing.begin().extend_from_slice(b"HTTP/1.1 100 Continue\r\n\r\n");
                lent.told();
            }
            if let Some(back) = wish.back {
                self.take(back);
            }
        }
        if !self.writing.first.is_empty()
            && let Poll::Ready(false) = self.poll_flush(cx)
        {
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

    pub(super) fn take(&mut self, back: Back) {
        self.reads = match back {
            Back::Ended(reading) => Reads::Itself(reading),
            Back::Unread(mut reading, mut decoder) => match reading.skip(&mut decoder) {
                Ok(true) => Reads::Itself(reading),
                Ok(false) => Reads::Unread(reading, decoder),
                Err(_) => Reads::Lost(Some(reading)),
            },
            Back::Lost(reading) => Reads::Lost(Some(reading)),
        };
    }

    /// Writes what is to be written. Whether it has gone.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<bool> {
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

    /// The connection as it came, with what came behind the head that was read.
    #[cfg(feature = "h2c")]
    fn into_stream(self) -> Option<(TcpStream, bytes::BytesMut, Open)> {
        let Reads::Itself(mut reading) = self.reads else { return None };
        let behind = std::mem::take(&mut reading.buffer);
        let stream = reading.into_half().reunite(self.writing.into_half()).ok()?;
        Some((stream, behind, self.open))
    }
}
