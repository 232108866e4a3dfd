#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct Note;

#[function(get = "/a")]
async fn hello() -> Note {
    Note
}

#[function(get = "/b")]
async fn other() -> Option<u32> {
    None
}

fn main() {}
