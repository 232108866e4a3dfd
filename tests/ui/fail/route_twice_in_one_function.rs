#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a/{x}", get = "/a/{y}")]
async fn hello(Path(x): Path<String>) -> String {
    x
}

fn main() {}
