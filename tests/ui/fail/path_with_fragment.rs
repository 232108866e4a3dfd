#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a#b")]
async fn hello() {}

fn main() {}
