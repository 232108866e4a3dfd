#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a")]
async unsafe fn hello() {}

#[function(get = "/b")]
async extern "C" fn other() {}

fn main() {}
