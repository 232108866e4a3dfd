//! Equal-work peer: an axum router on `lambda_http`, with one JSON log line per request.

use std::time::Instant;

use axum::{
    Router,
    body::Bytes,
    extract::Request,
    http::{HeaderMap, Method, Uri, header::CONTENT_TYPE},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::any,
};
use lambda_http::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    // As https://docs.aws.amazon.com/lambda/latest/dg/rust-logging.html recommends. `lambda_runtime` opens the span that carries the
    // request's id, and the JSON format adds it to every line.
    tracing_subscriber::fmt().json().flatten_event(true).with_span_list(false).init();
    run(Router::new().route("/{*path}", any(hello)).layer(middleware::from_fn(log))).await
}

async fn hello(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    ([(CONTENT_TYPE, common::TEXT)], common::hello(&method, &uri, &headers, &body))
}

async fn log(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let response = next.run(request).await;
    let duration_ms = started.elapsed().as_secs_f64() * 1e3;
    tracing::info!(%method, path, status = response.status().as_u16(), duration_ms, "request");
    response
}
