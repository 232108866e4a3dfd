#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "hello")]
async fn hello() {}

fn main() {}
