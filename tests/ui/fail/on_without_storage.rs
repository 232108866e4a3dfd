#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(queue = "a", on(created))]
async fn take(message: Message<String>) {}

fn main() {}
