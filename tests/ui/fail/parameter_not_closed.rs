#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a/{id")]
async fn open(Path(id): Path<u8>) {}

#[function(get = "/a/id}")]
async fn close(Path(id): Path<u8>) {}

fn main() {}
