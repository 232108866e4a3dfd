use std::{convert::Infallible, future::Future, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use http::{Request, Response};
use hyper::body::{Body as _, Incoming};
use hyper_util::{
    rt::TokioIo,
    server::graceful::{GracefulConnection, GracefulShutdown},
};
use omnifn_core::{Adapter, Body, Error, ErrorKind, IntoResponse, Payload, Peer};
use tokio::net::TcpStream;

use super::{
    outgoing::Outgoing,
    patient::{Answering, Arriving, Patient, Turn},
    without_delay,
};
use crate::{
    dispatch::{Begun, Dispatch},
    log, panic,
};

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
    patience: Duration,
) {
    let turn = Turn::default();
    let io = TokioIo::new(Patient::new(without_delay(stream), patience, turn.clone()));
    let service = hyper::service::service_fn(move |request| {
        let answering = turn.ours();
        let begun = panic::catch_now(|| begin(&dispatch, request, peer, patience));
        finish(dispatch.clone(), begun, answering)
    });
    let connection = connections.watch(protocol(io, service));
    // How a connection ends is its peer's affair: a client that goes away is no error of this program.
    tokio::spawn(async move { drop(connection.await) });
}

type Io = TokioIo<Patient>;

#[cfg(feature = "h2c")]
fn protocol<S>(io: Io, service: S) -> impl GracefulConnection<Output: Send> + Send
where
    S: hyper::service::Service<Request<Incoming>, Response = Response<Outgoing>, Error = Infallible> + Send + 'static,
    S::Future: Future + Send + 'static,
{
    use hyper_util::{
        rt::{TokioExecutor, TokioTimer},
        server::conn::auto,
    };

    let mut builder = auto::Builder::new(TokioExecutor::new());
    // How long a head may take is counted by the connection itself: hyper would count the time between two requests as well.
    builder.http1().header_read_timeout(None).max_buf_size(HEAD_LIMIT);
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
    builder.header_read_timeout(None).max_buf_size(HEAD_LIMIT);
    builder.serve_connection(io, service)
}

fn begin<A: Adapter>(
    dispatch: &Dispatch<A>,
    request: Request<Incoming>,
    peer: SocketAddr,
    patience: Duration,
) -> Begun<A> {
    let (mut head, body) = request.into_parts();
    if dispatch.adapter().reads_peer() {
        head.extensions.insert(Peer(peer));
    }
    let payload = match body.is_end_stream() {
        true => Payload::default(),
        false => Payload::Stream(Body::new(Arriving::new(body, patience))),
    };
    dispatch.begin(head, payload)
}

async fn finish<A: Adapter>(
    dispatch: Arc<Dispatch<A>>,
    begun: Result<Begun<A>, String>,
    answering: Answering,
) -> Result<Response<Outgoing>, Infallible> {
    let answered = match begun {
        Ok(begun) => panic::catch(pin!(dispatch.finish(begun))).await,
        Err(message) => Err(message),
    };
    let response = answered.unwrap_or_else(|message| {
        let error = Error::new(ErrorKind::Panicked, format!("the runtime panicked: {message}"));
        log::error(format_args!("{error}"));
        error.into_response().map(Payload::Stream)
    });
    Ok(response.map(|payload| Outgoing::new(payload, answering)))
}
