#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", writes = ["table:notes", "table:accounts"], writes = "table:notes")]
async fn save() {}

fn main() {}
