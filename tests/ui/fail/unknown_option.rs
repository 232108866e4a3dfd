#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(gte = "/a")]
async fn hello() {}

#[function(timeout = 3)]
async fn other() {}

fn main() {}
