#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(invoke)]
async fn price() -> String {
    "free".to_owned()
}

#[function(invoke)]
async fn status() -> Result<StatusCode> {
    Ok(StatusCode::CREATED)
}

fn main() {}
