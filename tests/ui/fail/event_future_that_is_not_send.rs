#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

async fn wait() {}

#[function(queue = "a")]
async fn take(message: Message<String>) {
    let shared = std::rc::Rc::new(message);
    wait().await;
    drop(shared);
}

fn main() {}
