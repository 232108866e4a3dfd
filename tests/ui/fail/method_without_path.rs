#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get)]
async fn hello() {}

#[function(name)]
async fn other() {}

fn main() {}
