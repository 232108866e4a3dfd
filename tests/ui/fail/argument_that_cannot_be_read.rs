#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct Note;

#[function(post = "/a")]
async fn hello(note: Note) {}

#[function(post = "/b")]
async fn other(number: u32, ctx: Context) {}

fn main() {}
