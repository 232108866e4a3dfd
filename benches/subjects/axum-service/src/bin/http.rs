//! The function on Cloud Run: a plain HTTP request.

use std::net::Ipv4Addr;

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Uri, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::any,
};

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    axum_service::serve(Ipv4Addr::UNSPECIFIED, "PORT", Router::new().route("/{*path}", any(hello))).await
}

async fn hello(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    ([(CONTENT_TYPE, common::TEXT)], common::hello(&method, &uri, &headers, &body))
}
