#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", writes = "database:notes")]
async fn save() {}

fn main() {}
