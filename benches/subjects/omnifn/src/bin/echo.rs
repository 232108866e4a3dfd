//! The body comes back.

use http::{HeaderMap, header::CONTENT_TYPE};
use omnifn::prelude::*;

#[function(any = "/{*_path}")]
async fn echo(headers: HeaderMap, body: Bytes) -> (HeaderMap, Bytes) {
    let content_type = headers.get(CONTENT_TYPE).cloned();
    (content_type.map(|value| (CONTENT_TYPE, value)).into_iter().collect(), body)
}

omnifn::main!(echo);
