#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", visibility = "internal")]
async fn save() {}

fn main() {}
