//! The same app behind hyper's server, whose behaviour is the contract.

use std::{convert::Infallible, net::SocketAddr, sync::Arc};

use http::Request;
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use omnifn_core::{Body, Payload};
use omnifn_runtime::dispatch::Dispatch;
use tokio::{net::TcpListener, runtime};

use crate::app;

/// A server, which ends with the program.
pub(crate) fn start() -> SocketAddr {
    let dispatch = Dispatch::new(app::Plain, app::app("well").router().expect("an app"));
    let dispatch = Arc::new(dispatch);
    let runtime = runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let address = listener.local_addr().expect("a port");
    std::thread::spawn(move || {
        runtime.block_on(async {
            while let Ok((stream, _)) = listener.accept().await {
                let dispatch = dispatch.clone();
                let service = service_fn(move |request| answer(dispatch.clone(), request));
                let mut builder = http1::Builder::new();
                builder.header_read_timeout(None).max_buf_size(128 * 1024);
                tokio::spawn(builder.serve_connection(TokioIo::new(stream), service));
            }
        });
    });
    address
}

async fn answer(
    dispatch: Arc<Dispatch<app::Plain>>,
    request: Request<Incoming>,
) -> Result<http::Response<Body>, Infallible> {
    let request = request.map(|body| match hyper::body::Body::is_end_stream(&body) {
        true => Payload::default(),
        false => Payload::Stream(Body::new(body)),
    });
    Ok(dispatch.answer(request).await.map(Payload::into_body))
}
