#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct Wrong;

#[function(get = "/a")]
async fn hello() -> Result<String, Wrong> {
    Err(Wrong)
}

fn main() {}
