#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a")]
fn hello(name: String) -> String {
    name
}

#[function(get = "/b")]
fn other() {}

fn main() {}
