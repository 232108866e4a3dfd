#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/notes/{id}")]
async fn read() {}

#[function(put = "/notes/{id}")]
async fn change(ctx: Context, Json(note): Json<String>) {}

fn main() {}
