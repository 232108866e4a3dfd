#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(post = "/a")]
async fn take(message: Message<String>) {}

fn main() {}
