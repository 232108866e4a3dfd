//! The function on axum.

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::Request,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::Response,
    routing::any,
};
use tokio::net::TcpListener;

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080);
    let listener = TcpListener::bind((std::net::Ipv4Addr::UNSPECIFIED, port)).await?;
    axum::serve(listener, Router::new().route("/{*path}", any(hello))).await
}

async fn hello(request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let mut response = Response::new(Body::from(common::hello(&head.method, &head.uri, &head.headers, &body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(common::TEXT));
    response
}
