#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct Mine;

#[function(queue = "a")]
async fn take(message: Message<String>) -> Result<(), Mine> {
    Ok(())
}

fn main() {}
