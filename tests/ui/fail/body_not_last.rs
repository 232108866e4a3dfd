#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(post = "/a")]
async fn hello(Json(name): Json<String>, ctx: Context) {}

fn main() {}
