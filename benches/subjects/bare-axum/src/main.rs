//! Reference: axum alone, without logs, limits, or shutdown.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Uri, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::any,
};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let listener = TcpListener::bind((std::net::Ipv4Addr::UNSPECIFIED, port)).await?;
    axum::serve(listener, Router::new().route("/{*path}", any(hello))).await
}

async fn hello(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    ([(CONTENT_TYPE, common::TEXT)], common::hello(&method, &uri, &headers, &body))
}
