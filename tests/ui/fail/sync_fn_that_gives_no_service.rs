#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a/{*rest}")]
fn hello() -> String {
    String::new()
}

fn main() {}
