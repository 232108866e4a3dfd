#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(queue = "a")]
async fn take(batch: Batch<Message<String>>) -> usize {
    batch.len()
}

fn main() {}
