//! An app as a part of an axum server.

use std::{convert::Infallible, sync::Arc};

use axum::extract::Request;
use omnifn_core::{Adapter, App, Error, Payload};
use tower::service_fn;

use crate::{deadline, dispatch::Dispatch, env, log, otel, sender::Senders, start};

/// Starts an app and returns a router that answers every request as a server for the app would.
///
/// # Errors
/// The app cannot start.
pub async fn router(adapter: impl Adapter, app: App) -> Result<axum::Router, Error> {
    log::install(adapter.log_format(), &env::var);
    otel::install(|| adapter.resource(), &env::var);
    let senders = Senders::configured(&env::var)?;
    let router = start::app(&adapter, app).await?;
    let mut dispatch = Dispatch::new(adapter, router).mounted().with_access_log().with_senders(senders);
    if let Some(timeout) = deadline::configured(&env::var)? {
        dispatch = dispatch.with_timeout(timeout);
    }
    dispatch.log_event_endpoints();
    let dispatch = Arc::new(dispatch);
    Ok(axum::Router::new().fallback_service(service_fn(move |request: Request| {
        let dispatch = dispatch.clone();
        let request = with_peer(request);
        async move { Ok::<_, Infallible>(dispatch.answer(request.map(Payload::Stream)).await.map(Payload::into_body)) }
    })))
}

/// Passes the client's address to the adapter, if the server provides it (`ConnectInfo`).
fn with_peer(mut request: Request) -> Request {
    if let Some(axum::extract::ConnectInfo::<std::net::SocketAddr>(address)) = request.extensions().get().copied() {
        request.extensions_mut().insert(omnifn_core::Peer(address));
    }
    request
}
