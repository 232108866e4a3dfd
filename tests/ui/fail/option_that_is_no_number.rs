#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(queue = "a", batch_size = "ten")]
async fn take(message: Message<String>) {}

fn main() {}
