#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(invoke)]
async fn price(cart: Message<String>) {}

fn main() {}
