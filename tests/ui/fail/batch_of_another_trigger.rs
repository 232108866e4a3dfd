#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(storage = "uploads")]
async fn take(batch: Batch<Message<String>>) {}

fn main() {}
