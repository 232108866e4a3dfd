#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", attempts = 3)]
async fn save() {}

fn main() {}
