#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = hello)]
async fn hello() {}

#[function(get = 7)]
async fn other() {}

fn main() {}
