#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(gte = "/a")]
async fn hello() {}

#[function(tiemout = 3)]
async fn other() {}

#[function(grant = "bucket:a")]
async fn third() {}

fn main() {}
