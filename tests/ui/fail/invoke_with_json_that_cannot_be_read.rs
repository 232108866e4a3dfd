#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct Cart;

#[function(invoke)]
async fn price(Json(cart): Json<Cart>) {}

fn main() {}
