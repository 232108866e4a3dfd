#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", secret = "KEY", secret = ["KEY"])]
async fn save() {}

fn main() {}
