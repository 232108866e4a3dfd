#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[derive(serde::Deserialize)]
struct Order {}

#[function(queue = "a")]
async fn take(batch: Batch<Order>) {}

fn main() {}
