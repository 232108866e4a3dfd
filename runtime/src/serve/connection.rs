//! A connection: hyper between a socket and the dispatch.

use std::{
    convert::Infallible,
    error::Error as StdError,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, Version, header};
use http_body::{Body as HttpBody, Frame, SizeHint};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use omnifn_core::{Adapter, Body, Error, IntoResponse, Payload, Peer};
use tokio::{net::TcpStream, runtime::Handle, sync::watch, task::yield_now};

use super::socket::{Exchange, Exchanges, Socket, Timeout};
use crate::{dispatch::Dispatch, log, panic};

/// The largest head of a request over HTTP/1.1, in bytes. hyper limits the number of headers to 100.
const HEAD_LIMIT: usize = 128 * 1024;

/// The largest head of a request over HTTP/2, in bytes.
#[cfg(feature = "h2c")]
const HEADER_LIST_LIMIT: u32 = 64 * 1024;

/// Serves a connection until its client closes it, an error ends it, or, after a shutdown signal, no request is in flight on it.
pub(super) async fn serve<A: Adapter>(
    stream: TcpStream,
    peer: SocketAddr,
    dispatch: Arc<Dispatch<A>>,
    timeout: Duration,
    mut shutdown: watch::Receiver<bool>,
) {
    // Without Nagle's algorithm, the last packet of a response is not delayed. An error means that the connection is closed already,
    // which the next read reports.
    let _ = stream.set_nodelay(true);
    let exchanges = Arc::<Exchanges>::default();
    let io = TokioIo::new(Socket::new(stream, exchanges.clone(), timeout));
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        let (for_body, for_response) = (exchanges.start(), exchanges.start());
        let request = request.map(|body| (body, for_body));
        answer(dispatch.clone(), request, for_response, timeout)
    });
    #[cfg(feature = "h2c")]
    let connection = {
        let mut builder = hyper_util::server::conn::auto::Builder::new(hyper_util::rt::TokioExecutor::new());
        builder.http1().header_read_timeout(None).max_buf_size(HEAD_LIMIT);
        builder.http2().timer(hyper_util::rt::TokioTimer::new()).max_header_list_size(HEADER_LIST_LIMIT);
        builder.serve_connection_with_upgrades(io, service).into_owned()
    };
    #[cfg(not(feature = "h2c"))]
    let connection = {
        let mut builder = hyper::server::conn::http1::Builder::new();
        builder.header_read_timeout(None).max_buf_size(HEAD_LIMIT);
        builder.serve_connection(io, service).with_upgrades()
    };
    let mut connection = pin!(connection);
    // hyper closes a connection from which it has not read anything yet, even if a request has already arrived. So the connection is
    // polled once more after the signal, which hyper-util's `GracefulShutdown` does not allow.
    let signal = async {
        let _ = shutdown.wait_for(|is_shutdown| *is_shutdown).await;
        yield_now().await;
    };
    let result = tokio::select! {
        biased;
        result = connection.as_mut() => result,
        () = signal => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = result {
        log::debug(format_args!("connection from {peer} ended with an error: {error}"));
    }
}

async fn answer<A: Adapter>(
    dispatch: Arc<Dispatch<A>>,
    request: Request<(Incoming, Exchange)>,
    exchange: Exchange,
    timeout: Duration,
) -> Result<Response<ResponseBody>, Infallible> {
    let (version, is_connect) = (request.version(), request.method() == Method::CONNECT);
    let mut response = match check_host(&request) {
        Ok(()) => {
            let request = receive(request, timeout);
            panic::catch(pin!(dispatch.answer(request))).await.unwrap_or_else(|panic| {
                let error = panic.during("the runtime panicked");
                log::report(&error);
                error.into_response().map(Payload::Stream)
            })
        }
        Err(error) => error.into_response().map(Payload::Stream),
    };
    let status = response.status();
    if status == StatusCode::SWITCHING_PROTOCOLS || is_connect && status.is_success() {
        exchange.upgrade();
    }
    // axum declares the length of a body that is complete, and hyper refuses a response that declares both.
    if response.headers().contains_key(header::CONTENT_LENGTH) {
        response.headers_mut().remove(header::TRANSFER_ENCODING);
    }
    Ok(response.map(|payload| ResponseBody {
        body: payload.into_body(),
        is_delimited: version != Version::HTTP_10,
        exchange,
    }))
}

/// Checks that a request over HTTP/1.1 names its host exactly once (RFC 9112, section 3.2).
fn check_host<B>(request: &Request<B>) -> Result<(), Error> {
    let hosts = request.headers().get_all(header::HOST).iter().count();
    if request.version() == Version::HTTP_11 && hosts != 1 {
        return Err(Error::status(400, format!("expected exactly one header `Host`, found {hosts}")));
    }
    Ok(())
}

fn receive(request: Request<(Incoming, Exchange)>, timeout: Duration) -> Request<Payload> {
    // A client that expects `100 Continue` receives it when the body is first polled.
    let is_prefetched = request.version() < Version::HTTP_2 && !request.headers().contains_key(header::EXPECT);
    request.map(|(body, exchange)| {
        if body.is_end_stream() {
            return Payload::default();
        }
        let handle = Handle::current();
        let mut body =
            RequestBody { body, first: None, timeout, silence: Timeout::default(), handle, _exchange: exchange };
        if is_prefetched {
            body.prefetch();
        }
        Payload::Stream(Body::new(body))
    })
}

/// The body of a request, which fails if the client stops sending it.
struct RequestBody {
    body: Incoming,
    first: Option<Result<Frame<Bytes>, hyper::Error>>,
    timeout: Duration,
    silence: Timeout,
    /// The server's runtime, for the timer of a body that is read outside of the runtime.
    handle: Handle,
    _exchange: Exchange,
}

impl RequestBody {
    /// Polls the body once, so that hyper reads its beginning. hyper notices that a client has disconnected only after it has read
    /// everything that the client sent, and it reads nothing before the body is polled.
    fn prefetch(&mut self) {
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(&mut Context::from_waker(Waker::noop())) {
            self.first = frame;
        }
    }
}

impl HttpBody for RequestBody {
    type Data = Bytes;
    type Error = Box<dyn StdError + Send + Sync>;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let polled = match this.first.take() {
            Some(first) => Poll::Ready(Some(first)),
            None => Pin::new(&mut this.body).poll_frame(cx),
        };
        if let Poll::Ready(frame) = polled {
            this.silence.clear();
            return Poll::Ready(frame.map(|frame| frame.map_err(Into::into)));
        }
        let _entered = this.handle.enter();
        if this.silence.has_elapsed(cx, this.timeout) {
            let message = format!("the client sent nothing more of the body for {} s", this.timeout.as_secs_f64());
            return Poll::Ready(Some(Err(message.into())));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.first.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        // hyper's hint is what is left after the frame that was prefetched.
        match &self.first {
            Some(_) => SizeHint::default(),
            None => self.body.size_hint(),
        }
    }
}

/// The body of a response.
struct ResponseBody {
    body: Body,
    /// Whether the client can distinguish an incomplete body from a complete one.
    is_delimited: bool,
    exchange: Exchange,
}

impl HttpBody for ResponseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.get_mut();
        let frame = ready!(Pin::new(&mut this.body).poll_frame(cx));
        if let Some(Err(_)) = frame
            && !this.is_delimited
        {
            this.exchange.truncate();
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
