#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/search?q={q}")]
async fn search() {}

fn main() {}
