#![allow(unused_variables, dead_code)]

use omnifn::prelude::{Method, function};

#[function(get = "/a")]
async fn hello(axum::extract::State(name): axum::extract::State<u8>, method: Method) {}

fn main() {}
