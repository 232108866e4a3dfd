#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(invoke, queue = "carts")]
async fn price(Json(cart): Json<String>) {}

fn main() {}
