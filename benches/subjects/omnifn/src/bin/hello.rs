//! The function for HTTP requests on omnifn.

use http::{HeaderMap, Method, Uri, header::CONTENT_TYPE};
use omnifn::prelude::*;

#[function(any = "/{*path}")]
async fn hello(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> impl IntoResponse {
    ([(CONTENT_TYPE, common::TEXT)], common::hello(&method, &uri, &headers, &body))
}

omnifn::main!(hello);
