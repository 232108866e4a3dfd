#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(any = "/shop")]
fn shop() -> axum::Router {
    axum::Router::new()
}

fn main() {}
