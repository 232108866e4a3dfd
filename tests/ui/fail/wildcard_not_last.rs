#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/{*rest}/a")]
async fn hello(Path(rest): Path<String>) {}

#[function(get = "/a-{*rest}")]
async fn other(Path(rest): Path<String>) {}

fn main() {}
