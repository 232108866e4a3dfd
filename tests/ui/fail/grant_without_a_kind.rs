#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", reads = "uploads")]
async fn save() {}

#[function(get = "/a", publishes = "")]
async fn load() {}

fn main() {}
