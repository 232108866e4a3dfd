#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(queue = "a")]
async fn take(one: Message<String>, two: Message<String>) {}

fn main() {}
