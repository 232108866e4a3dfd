#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", reads = uploads)]
async fn save() {}

#[function(get = "/a", reads = ["bucket:a", 7])]
async fn load() {}

fn main() {}
