//! The function as an axum router on `lambda_http`.

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, Method, Uri, header::CONTENT_TYPE},
    response::IntoResponse,
    routing::any,
};
use lambda_http::{Error, run};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(Router::new().route("/{*path}", any(hello))).await
}

async fn hello(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    ([(CONTENT_TYPE, common::TEXT)], common::hello(&method, &uri, &headers, &body))
}
