#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", auth = "key")]
async fn save() {}

fn main() {}
