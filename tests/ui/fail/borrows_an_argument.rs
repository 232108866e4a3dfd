#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a")]
async fn text(name: &str) {}

#[function(get = "/b")]
async fn bytes(bytes: &[u8]) {}

#[function(get = "/c")]
async fn other(headers: &HeaderMap) {}

fn main() {}
