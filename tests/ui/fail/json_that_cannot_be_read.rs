#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct Note;

#[function(post = "/a")]
async fn hello(Json(note): Json<Note>) {}

fn main() {}
