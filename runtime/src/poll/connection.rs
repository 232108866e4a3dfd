use std::{
    future::{Future, poll_fn},
    io,
    net::ToSocketAddrs,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use http::{Request, Response};
use http_body::Body as _;
use http_body_util::BodyExt;
use hyper::{
    body::Incoming,
    client::conn::http1::{self, SendRequest},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use super::{endpoint::Endpoint, stream::Outgoing, wakes::Wakes};

/// One kept-alive connection to the Runtime API.
///
/// It is driven within the future that uses it, not by a task of its own: a task would cost wake-ups for each message.
pub(super) struct Connection {
    sender: SendRequest<Outgoing>,
    /// `None` once the connection has ended.
    driver: Option<Driver>,
    wakes: Wakes,
}

type Driver = http1::Connection<TokioIo<TcpStream>, Outgoing>;

/// A request that got no response.
pub(super) struct Unanswered {
    pub(super) why: String,
    /// The request, where nothing of it was sent.
    pub(super) unsent: Option<Request<Outgoing>>,
}

/// As much is allocated ahead on the word of a `content-length`. A larger body grows as it comes.
const AHEAD: u64 = 8 * 1024 * 1024;

impl Connection {
    pub(super) async fn open(endpoint: &Endpoint) -> Result<Self, String> {
        let Endpoint { host, port, .. } = endpoint;
        let stream =
            connect(host, *port).await.map_err(|error| format!("cannot connect to the Runtime API: {error}"))?;
        let (sender, driver) = http1::handshake(TokioIo::new(stream)).await.map_err(|error| told(&error))?;
        Ok(Connection { sender, driver: Some(driver), wakes: Wakes::default() })
    }

    /// Sends a request and waits for the head of the response, however long that takes.
    pub(super) async fn send(&mut self, request: Request<Outgoing>) -> Result<Response<Incoming>, Unanswered> {
        let Connection { sender, driver, wakes } = self;
        // It mostly is ready: then the connection is not to be polled for that alone.
        if !sender.is_ready()
            && let Err(error) = drive(wakes, driver, poll_fn(|cx| sender.poll_ready(cx))).await
        {
            return Err(Unanswered { why: told(&error), unsent: Some(request) });
        }
        let sending = wakes.quietly(|| sender.try_send_request(request));
        drive(wakes, driver, sending).await.map_err(|mut failed| {
            let unsent = failed.take_message();
            Unanswered { why: told(&failed.into_error()), unsent }
        })
    }

    /// Reads a body to its end.
    pub(super) async fn read(&mut self, mut body: Incoming, limit: usize) -> Result<Bytes, String> {
        let declared = body.size_hint().lower();
        if declared > limit as u64 {
            return Err(too_large(limit));
        }
        let mut whole = BytesMut::new();
        while let Some(frame) = drive(&self.wakes, &mut self.driver, body.frame()).await {
            let frame = frame.map_err(|error| told(&error))?;
            let Ok(data) = frame.into_data() else { continue };
            if whole.is_empty() {
                if body.is_end_stream() {
                    return Ok(data);
                }
                whole.reserve(declared.min(AHEAD) as usize);
            }
            if whole.len() + data.len() > limit {
                return Err(too_large(limit));
            }
            whole.extend_from_slice(&data);
            if body.is_end_stream() {
                break;
            }
        }
        Ok(whole.freeze())
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

/// Polls a future of the connection, and the connection itself, which does the work.
async fn drive<F: Future>(wakes: &Wakes, driver: &mut Option<Driver>, future: F) -> F::Output {
    let mut future = pin!(future);
    let mut turn = |cx: &mut Context<'_>| {
        if let Some(running) = driver {
            // Its error reaches the future, too.
            if let Poll::Ready(_ended) = Pin::new(running).poll(cx) {
                *driver = None;
            }
        }
        future.as_mut().poll(cx)
    };
    poll_fn(|cx| wakes.poll(cx, &mut turn)).await
}

/// An error of the connection with its causes, for the log.
fn told(error: &hyper::Error) -> String {
    let mut words = format!("the connection to the Runtime API failed: {error}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        words.push_str(&format!(": {error}"));
        source = error.source();
    }
    words
}

fn too_large(limit: usize) -> String {
    format!("the Runtime API sent a body above the limit of {limit} bytes")
}
