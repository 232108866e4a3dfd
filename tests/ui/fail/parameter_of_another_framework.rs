#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a/:id")]
async fn colon(Path(id): Path<u8>) {}

#[function(get = "/a/<id>")]
async fn angle(Path(id): Path<u8>) {}

#[function(get = "/a/*path")]
async fn star(Path(path): Path<String>) {}

fn main() {}
