#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(storage = "uploads", on)]
async fn take(object: Object) {}

fn main() {}
