#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(any = "/shop/{*rest}")]
async fn shop(headers: HeaderMap, State(db): State<u8>) -> Result<axum::Router> {
    Ok(axum::Router::new())
}

fn main() {}
