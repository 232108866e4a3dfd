#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", memory = "256 MB")]
async fn save() {}

fn main() {}
