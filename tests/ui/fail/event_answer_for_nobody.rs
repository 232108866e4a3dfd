#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(queue = "a")]
async fn take(message: Message<String>) -> String {
    message.body
}

fn main() {}
