//! The function on omnifn.

use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use omnifn::prelude::*;

#[function(any = "/{*path}")]
async fn hello(request: Request<Body>) -> Response<String> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    let mut response = Response::new(common::hello(&head.method, &head.uri, &head.headers, &body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(common::TEXT));
    response
}

omnifn::main!(hello);
