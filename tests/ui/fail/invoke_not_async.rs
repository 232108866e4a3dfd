#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(invoke)]
fn price() -> Json<u32> {
    Json(7)
}

fn main() {}
