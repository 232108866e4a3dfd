#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(invoke)]
async fn price(Path(name): Path<String>, headers: HeaderMap, ctx: Context) {}

#[function(invoke)]
async fn text(text: String) {}

fn main() {}
