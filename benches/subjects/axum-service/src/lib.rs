//! Equal-work peers: axum on hyper with the layers that a service in production has.

use std::{net::Ipv4Addr, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::DefaultBodyLimit,
    http::{Request, Response, StatusCode},
};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tower::ServiceBuilder;
use tower_http::{
    catch_panic::CatchPanicLayer,
    limit::RequestBodyLimitLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    timeout::TimeoutLayer,
    trace::TraceLayer,
};
use tracing::Span;

const BODY_LIMIT: usize = 6 * 1024 * 1024;
const TIMEOUT: Duration = Duration::from_secs(60);

/// Serves the routes until SIGTERM or SIGINT, and then finishes the requests in flight.
///
/// # Errors
/// When the port cannot be bound.
pub async fn serve(address: Ipv4Addr, port_variable: &str, routes: Router) -> std::io::Result<()> {
    tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false).init();
    let layers = ServiceBuilder::new()
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(TraceLayer::new_for_http().make_span_with(span).on_request(()).on_response(log))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(CatchPanicLayer::new())
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, TIMEOUT))
        .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
        .layer(DefaultBodyLimit::disable());
    let port = std::env::var(port_variable).ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let listener = TcpListener::bind((address, port)).await?;
    axum::serve(listener, routes.layer(layers)).with_graceful_shutdown(shutdown()).await
}

fn span(request: &Request<Body>) -> Span {
    let id = request.headers().get("x-request-id").and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info_span!("request", method = %request.method(), path = request.uri().path(), id)
}

fn log<B>(response: &Response<B>, duration: Duration, _: &Span) {
    let duration_ms = duration.as_secs_f64() * 1e3;
    tracing::info!(status = response.status().as_u16(), duration_ms, "response");
}

async fn shutdown() {
    let (Ok(mut terminate), Ok(mut interrupt)) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
