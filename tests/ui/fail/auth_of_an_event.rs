#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(queue = "jobs", auth = "function")]
async fn save(message: Message<String>) {}

fn main() {}
