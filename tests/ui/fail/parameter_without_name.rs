#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a/{}")]
async fn hello(Path(id): Path<u8>) {}

#[function(get = "/a/{*}")]
async fn other(Path(id): Path<u8>) {}

fn main() {}
