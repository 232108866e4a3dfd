#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", writes = "table: ")]
async fn save() {}

fn main() {}
