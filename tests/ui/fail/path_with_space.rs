#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/my notes")]
async fn notes() {}

fn main() {}
