#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(crate = omnifn)]
async fn hello() {}

fn main() {}
