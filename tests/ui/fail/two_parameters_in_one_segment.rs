#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a/{x}-{y}")]
async fn hello(Path(xy): Path<(u8, u8)>) {}

fn main() {}
