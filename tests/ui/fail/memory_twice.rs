#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", memory = 256, memory = 512)]
async fn save() {}

fn main() {}
