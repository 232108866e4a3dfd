#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct Order;

#[function(queue = "a")]
async fn take(order: Message<Order>) {}

fn main() {}
