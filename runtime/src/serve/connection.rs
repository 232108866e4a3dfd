use std::{convert::Infallible, future::Future, net::SocketAddr, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulConnection, GracefulShutdown},
};
use omnifn_core::{Adapter, Body, Error, ErrorKind, IntoResponse, Payload, Peer};
use tokio::net::TcpStream;

use super::{
    outgoing::Outgoing,
    patient::{Arriving, Taking},
    without_delay,
};
use crate::{dispatch::Dispatch, log, panic};

/// Who sends no whole head within this time is cut off: a connection is not held for nothing.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The largest head over HTTP/1.1, in bytes, with the request line, of which 64 KiB may be the target. It has a hundred headers at
/// most.
const HEAD_LIMIT: usize = 128 * 1024;

/// The largest head over HTTP/2, in bytes.
#[cfg(feature = "h2c")]
const HEADER_LIST_LIMIT: u32 = 64 * 1024;

/// Serves a connection to its end, beside all others.
pub(super) fn serve<A: Adapter>(
    stream: TcpStream,
    peer: SocketAddr,
    dispatch: Arc<Dispatch<A>>,
    connections: &GracefulShutdown,
) {
    let io = TokioIo::new(Taking::new(without_delay(stream)));
    let service = hyper::service::service_fn(move |request| {
        let dispatch = dispatch.clone();
        async move { Ok::<_, Infallible>(answer(&dispatch, request, peer).await) }
    });
    let connection = connections.watch(protocol(io, service));
    // How a connection ends is its peer's affair: a client that goes away is no error of this program.
    tokio::spawn(async move { drop(connection.await) });
}

type Io = TokioIo<Taking>;

#[cfg(feature = "h2c")]
fn protocol<S>(io: Io, service: S) -> impl GracefulConnection<Output: Send> + Send
where
    S: hyper::service::Service<Request<Incoming>, Response = Response<Outgoing>, Error = Infallible> + Send + 'static,
    S::Future: Future + Send + 'static,
{
    use hyper_util::{rt::TokioExecutor, server::conn::auto};

    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_LIMIT);
    builder.http2().timer(TokioTimer::new()).max_header_list_size(HEADER_LIST_LIMIT);
    builder.serve_connection(io, service).into_owned()
}

#[cfg(not(feature = "h2c"))]
fn protocol<S>(io: Io, service: S) -> impl GracefulConnection<Output: Send> + Send
where
    S: hyper::service::Service<Request<Incoming>, Response = Response<Outgoing>, Error = Infallible> + Send + 'static,
    S::Future: Future + Send + 'static,
{
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(HEAD_LIMIT);
    builder.serve_connection(io, service)
}

async fn answer<A: Adapter>(
    dispatch: &Dispatch<A>,
    request: Request<Incoming>,
    peer: SocketAddr,
) -> Response<Outgoing> {
    let mut request = request.map(|body| Payload::Stream(Body::new(Arriving::new(body))));
    request.extensions_mut().insert(Peer(peer));
    let response = panic::catch(dispatch.answer(request)).await.unwrap_or_else(|message| {
        let error = Error::new(ErrorKind::Panicked, format!("the runtime panicked: {message}"));
        log::error(format_args!("{error}"));
        error.into_response().map(Payload::Stream)
    });
    response.map(Outgoing::from)
}
