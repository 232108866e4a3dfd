#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(topic = "")]
async fn take(message: Message<String>) {}

fn main() {}
