#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function("/a")]
async fn hello() {}

fn main() {}
