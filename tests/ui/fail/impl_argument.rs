#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a")]
async fn hello(name: impl Into<String>) {}

fn main() {}
