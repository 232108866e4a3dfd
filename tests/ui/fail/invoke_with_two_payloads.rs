#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(invoke)]
async fn price(Json(cart): Json<String>, all: Bytes) {}

fn main() {}
