use std::{
    fmt,
    future::poll_fn,
    io,
    net::ToSocketAddrs,
    pin::pin,
    task::{Context, Poll},
    time::Duration,
};

use bytes::{BufMut, Bytes, BytesMut};
use http::StatusCode;
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};

use super::{endpoint::Endpoint, request::Request};
use crate::http1::{self, Decoder, Headers, Length, ResponseHead, Taken};

/// One kept-alive connection to the Runtime API: a request, its response, and then the next.
///
/// The socket is read, and written, where the system has said that it can be, and not to find out whether it can.
pub(super) struct Connection {
    socket: TcpStream,
    /// What came, and is not taken yet.
    buffer: BytesMut,
    /// How much is read in one piece.
    room: usize,
    /// The rest of the response that was begun.
    body: Decoder,
    /// Whether another request may follow that response.
    keeps: bool,
    /// Whether another response follows it.
    asked: bool,
}

/// A request that got no response.
pub(super) struct Unanswered {
    pub(super) why: String,
    /// Whether it is to be sent at once on a new connection: the API has taken nothing of it, or was asked for something that it keeps.
    pub(super) again: bool,
}

/// As much is read in one piece at first: most events, with their heads.
const ROOM: usize = 16 * 1024;

/// As much is read in one piece where events are long.
const MOST_ROOM: usize = 128 * 1024;

/// Where there is less room for what comes, there is to be more.
const LEAST_ROOM: usize = 4 * 1024;

/// The longest head that is read, in bytes.
const HEAD_LIMIT: usize = 64 * 1024;

/// As much is allocated ahead on the word of the API. A longer body grows as it comes.
const AHEAD: usize = 8 * 1024 * 1024;

/// How long an answer is waited for when its request could not be sent to the end.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// Why there is no response, or not all of it.
enum Failure {
    Io(io::Error),
    Http(http1::Bad),
    /// It is longer than is read.
    LongHead,
    /// It came before anything was asked for.
    Unasked,
    /// The connection was closed before this.
    Closed(&'static str),
}

impl Connection {
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, String> {
        let Endpoint { host, port, .. } = endpoint;
        let socket = connect(host, *port).await;
        let socket = socket.map_err(|error| format!("cannot connect to the Runtime API: {error}"))?;
        let body = Decoder::of_request(Length::Unsaid);
        Ok(Connection { socket, buffer: BytesMut::with_capacity(ROOM), room: ROOM, body, keeps: true, asked: false })
    }

    /// Whether a request may be sent: the last response has ended, and nothing followed it.
    pub(super) fn is_free(&self) -> bool {
        self.keeps && !self.asked && self.body.has_ended() && self.buffer.is_empty()
    }

    /// Whether a response is to come without a further request: the last one had a question behind it.
    pub(super) fn is_asked(&self) -> bool {
        self.keeps && self.asked
    }

    /// Sends a request and waits for the head of the response, however long that takes. Of its headers those are read that are wanted.
    pub(super) async fn send(&mut self, request: &mut Request, wanted: Headers) -> Result<ResponseHead, Unanswered> {
        // In the place of what was read before, where nobody holds that any more.
        let _is_empty = self.buffer.try_reclaim(self.room);
        self.asked = request.asks();
        let responded = self.respond(request, wanted).await;
        responded.map_err(|failure| {
            self.keeps = false;
            Unanswered { why: failure.to_string(), again: request.is_unsent() }
        })
    }

    /// Waits for the head of the response to what followed the last request.
    pub(super) async fn respond_further(&mut self, wanted: Headers) -> Result<ResponseHead, Unanswered> {
        self.asked = false;
        if self.buffer.is_empty() {
            let _is_empty = self.buffer.try_reclaim(self.room);
        }
        self.head(&mut 0, wanted).await.map_err(|failure| {
            self.keeps = false;
            // It closed the connection behind the first response, or while it had nothing to say.
            let again = matches!(failure, Failure::Closed(_) | Failure::Io(_)) && self.buffer.is_empty();
            Unanswered { why: failure.to_string(), again }
        })
    }

    async fn respond(&mut self, request: &mut Request, wanted: Headers) -> Result<ResponseHead, Failure> {
        let mut seen = 0;
        while !request.is_sent() {
            match poll_fn(|cx| self.poll_turn(cx, request)).await {
                Turn::Sent(Ok(())) => {}
                Turn::Sent(Err(error)) if request.is_unsent() => return Err(Failure::Io(error)),
                Turn::Sent(Err(error)) => {
                    // What the API said before it closed is the better reason.
                    let said = timeout(LAST_WORDS, self.head(&mut seen, wanted)).await;
                    let head = said.ok().and_then(Result::ok).ok_or(Failure::Io(error))?;
                    self.keeps = false;
                    return Ok(head);
                }
                Turn::Came(came) => {
                    some(came, "an answer came")?;
                    if request.is_unsent() {
                        return Err(Failure::Unasked);
                    }
                    if let Some(head) = self.take_head(&mut seen, wanted)? {
                        // Who has taken a reply before its end wants the rest of it, too.
                        let goes_on = head.status.is_success() && self.send_rest(request).await.is_ok();
                        self.keeps &= goes_on;
                        return Ok(head);
                    }
                }
            }
        }
        self.head(&mut seen, wanted).await
    }

    /// Reads or writes, whichever can be done. What comes before all was written is an early answer, or the end of a connection that
    /// was idle for too long.
    fn poll_turn(&mut self, cx: &mut Context<'_>, request: &mut Request) -> Poll<Turn> {
        if let Poll::Ready(came) = self.poll_read(cx) {
            return Poll::Ready(Turn::Came(came));
        }
        request.poll_write(cx, &mut self.socket).map(Turn::Sent)
    }

    async fn send_rest(&mut self, request: &mut Request) -> io::Result<()> {
        while !request.is_sent() {
            poll_fn(|cx| request.poll_write(cx, &mut self.socket)).await?;
        }
        Ok(())
    }

    async fn head(&mut self, seen: &mut usize, wanted: Headers) -> Result<ResponseHead, Failure> {
        loop {
            if let Some(head) = self.take_head(seen, wanted)? {
                return Ok(head);
            }
            let what = if self.buffer.is_empty() { "an answer came" } else { "the end of the answer's head" };
            some(poll_fn(|cx| self.poll_read(cx)).await, what)?;
        }
    }

    /// Takes the head out of what came, where it is there. Those that only announce another are nothing to anyone.
    fn take_head(&mut self, seen: &mut usize, wanted: Headers) -> Result<Option<ResponseHead>, Failure> {
        loop {
            let Some(end) = http1::end_of_head(&self.buffer, seen) else {
                if self.buffer.len() > HEAD_LIMIT {
                    return Err(Failure::LongHead);
                }
                http1::response_begins(&self.buffer).map_err(Failure::Http)?;
                return Ok(None);
            };
            if end > HEAD_LIMIT {
                return Err(Failure::LongHead);
            }
            *seen = 0;
            let head = http1::response(&self.buffer.split_to(end).freeze(), wanted).map_err(Failure::Http)?;
            let switches = head.status == StatusCode::SWITCHING_PROTOCOLS;
            if head.status.is_informational() && !switches {
                continue;
            }
            self.body = match head.status {
                StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED | StatusCode::SWITCHING_PROTOCOLS => {
                    Decoder::of_request(Length::Unsaid)
                }
                _ => Decoder::of_response(head.fields.length),
            };
            let is_framed = self.body.has_ended() || !self.body.ends_with_connection();
            self.keeps = head.keeps_connection() && !switches && is_framed;
            return Ok(Some(head));
        }
    }

    /// Whether all of the body is here.
    pub(super) fn has_body(&self) -> bool {
        self.body.remaining().is_some_and(|left| left <= self.buffer.len() as u64)
    }

    /// Reads the body to its end.
    pub(super) async fn read(&mut self, limit: usize) -> Result<Bytes, String> {
        let (mut first, mut whole) = (Bytes::new(), BytesMut::new());
        let too_large = |length: u64| {
            let words = || format!("the Runtime API sent a body above the limit of {limit} bytes");
            if length > limit as u64 { Err(words()) } else { Ok(()) }
        };
        too_large(self.body.remaining().unwrap_or_default())?;
        loop {
            match self.body.take(&mut self.buffer).map_err(|bad| Failure::Http(bad).to_string())? {
                Taken::Data(data) => {
                    too_large((first.len() + whole.len() + data.len()) as u64)?;
                    // One piece is all of most bodies, and is not copied.
                    if first.is_empty() && whole.is_empty() {
                        first = data;
                    } else {
                        gather(&mut first, &mut whole, data.len());
                        whole.extend_from_slice(&data);
                    }
                }
                Taken::Trailers(_) | Taken::End => break,
                Taken::More => {
                    let run = self.body.run();
                    let came = if run > ROOM as u64 {
                        // A long rest is read to where it belongs.
                        too_large(((first.len() + whole.len()) as u64).saturating_add(run))?;
                        self.read_run(run, &mut first, &mut whole).await
                    } else {
                        poll_fn(|cx| self.poll_read(cx)).await
                    };
                    if let Err(failure) = some(came, "the end of the answer's body") {
                        if matches!(failure, Failure::Closed(_)) && self.body.ends_with_connection() {
                            self.keeps = false;
                            break;
                        }
                        return Err(failure.to_string());
                    }
                }
            }
        }
        if whole.is_empty() {
            return Ok(first);
        }
        self.widen(whole.len());
        Ok(whole.freeze())
    }

    /// Reads as many bytes of the body as follow each other, or some of them. There is room for one more: where a read is not filled, the
    /// system has nothing left, and is not asked.
    async fn read_run(&mut self, run: u64, first: &mut Bytes, whole: &mut BytesMut) -> io::Result<usize> {
        let run = usize::try_from(run).unwrap_or(usize::MAX - 1);
        gather(first, whole, run.min(AHEAD) + 1);
        let came = self.socket.read_buf(&mut (&mut *whole).limit(run + 1)).await?;
        if came > run {
            let more = whole.split_off(whole.len() - (came - run));
            self.buffer.extend_from_slice(&more);
        }
        self.body.skip(came.min(run) as u64);
        Ok(came)
    }

    /// Where one event was too long to be read in one piece, the next one mostly is no shorter.
    fn widen(&mut self, length: usize) {
        let room = length.saturating_add(LEAST_ROOM).min(MOST_ROOM).next_power_of_two();
        if room > self.room {
            self.room = room;
            let rest = std::mem::replace(&mut self.buffer, BytesMut::with_capacity(room));
            self.buffer.extend_from_slice(&rest);
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() - self.buffer.len() < LEAST_ROOM {
            self.buffer.reserve(self.room);
        }
        pin!(self.socket.read_buf(&mut self.buffer)).poll(cx)
    }
}

/// What happened to the socket.
enum Turn {
    /// So many bytes came.
    Came(io::Result<usize>),
    Sent(io::Result<()>),
}

/// Puts the first piece before others, with room for so many bytes where there is none.
fn gather(first: &mut Bytes, whole: &mut BytesMut, more: usize) {
    if whole.capacity() == whole.len() || !first.is_empty() {
        whole.reserve(first.len() + more);
    }
    whole.extend_from_slice(&std::mem::take(first));
}

/// Whether anything came.
fn some(came: io::Result<usize>, before: &'static str) -> Result<(), Failure> {
    match came {
        Ok(0) => Err(Failure::Closed(before)),
        Ok(_) => Ok(()),
        Err(error) => Err(Failure::Io(error)),
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the connection to the Runtime API failed: ")?;
        match self {
            Failure::Io(error) => error.fmt(f),
            Failure::Http(bad) => write!(f, "its answer cannot be read: {bad}"),
            Failure::LongHead => write!(f, "the head of its answer is longer than {} KiB", HEAD_LIMIT / 1024),
            Failure::Unasked => f.write_str("it said something before it was asked"),
            Failure::Closed(before) => write!(f, "it was closed before {before}"),
        }
    }
}

/// A stream to the first address that takes it. A name, which only an emulator has, is looked up here and now: the runtime would bring
/// threads for it into each program.
async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut last = io::ErrorKind::NotFound.into();
    for address in (host, port).to_socket_addrs()? {
        match TcpStream::connect(address).await {
            Ok(stream) => {
                // A request is one write, but a long one must not wait for the acknowledgement of its first part.
                stream.set_nodelay(true)?;
                return Ok(stream);
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}
