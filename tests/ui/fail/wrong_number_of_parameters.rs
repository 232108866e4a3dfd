#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/{a}/{b}")]
async fn one(Path(a): Path<String>) {}

#[function(get = "/{a}")]
async fn two(Path((a, b)): Path<(u8, u8)>) {}

fn main() {}
