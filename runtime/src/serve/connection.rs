use std::{
    convert::Infallible,
    future::Future,
    net::SocketAddr,
    pin::{Pin, pin},
    sync::Arc,
    time::Duration,
};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper_util::{
    rt::TokioIo,
    server::graceful::{GracefulConnection, GracefulShutdown},
};
use omnifn_core::{Adapter, Body, Error, ErrorKind, IntoResponse, Payload, Peer};
use tokio::net::TcpStream;

use super::{
    outgoing::Outgoing,
    patient::{Arriving, Patient, Turn},
    without_delay,
};
use crate::{dispatch::Dispatch, log, panic};

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
        let (dispatch, answering) = (dispatch.clone(), turn.ours());
        // Boxed, for hyper moves it, and it is large.
        let future: Answered = Box::pin(async move {
            let answer = answer(&dispatch, request, peer, patience).await;
            Ok(answer.map(|payload| Outgoing::new(payload, answering)))
        });
        future
    });
    let connection = connections.watch(protocol(io, service));
    // How a connection ends is its peer's affair: a client that goes away is no error of this program.
    tokio::spawn(async move { drop(connection.await) });
}

type Io = TokioIo<Patient>;
type Answered = Pin<Box<dyn Future<Output = Result<Response<Outgoing>, Infallible>> + Send>>;

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

async fn answer<A: Adapter>(
    dispatch: &Dispatch<A>,
    request: Request<Incoming>,
    peer: SocketAddr,
    patience: Duration,
) -> Response<Payload> {
    let mut request = request.map(|body| Payload::Stream(Body::new(Arriving::new(body, patience))));
    request.extensions_mut().insert(Peer(peer));
    let answering = pin!(dispatch.answer(request));
    panic::catch(answering).await.unwrap_or_else(|message| {
        let error = Error::new(ErrorKind::Panicked, format!("the runtime panicked: {message}"));
        log::error(format_args!("{error}"));
        error.into_response().map(Payload::Stream)
    })
}
