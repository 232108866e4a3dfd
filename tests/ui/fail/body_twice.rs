#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(post = "/a")]
async fn hello(Json(name): Json<String>, text: String) {}

fn main() {}
