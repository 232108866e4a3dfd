#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", secret = "api key")]
async fn save() {}

#[function(get = "/a", secret = ["2ND", ""])]
async fn load() {}

fn main() {}
