#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(name = "a", name = "b")]
async fn hello() {}

#[function(crate = ::omnifn, crate = ::omnifn)]
async fn other() {}

fn main() {}
