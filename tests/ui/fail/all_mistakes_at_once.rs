#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(gte = "/a", post = "b", name = "no name")]
fn hello<T>(self, name: &str, Json(a): Json<T>, b: String) {}

fn main() {}
