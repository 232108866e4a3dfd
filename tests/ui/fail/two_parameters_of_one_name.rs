#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a/{id}/b/{id}")]
async fn hello(Path(ids): Path<(u8, u8)>) {}

fn main() {}
