#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(invoke = "price")]
async fn price(Json(cart): Json<String>) {}

fn main() {}
