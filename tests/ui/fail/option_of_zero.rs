#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(queue = "a", concurrency = 0)]
async fn take(message: Message<String>) {}

fn main() {}
