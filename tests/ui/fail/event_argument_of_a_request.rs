#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(queue = "a")]
async fn take(order: Json<String>) {}

fn main() {}
