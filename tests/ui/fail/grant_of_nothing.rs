#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", reads = [])]
async fn save() {}

#[function(get = "/a", reads)]
async fn load() {}

fn main() {}
