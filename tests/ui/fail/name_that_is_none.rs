#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(name = "")]
async fn empty() {}

#[function(name = "say hello")]
async fn space() {}

#[function(name = "7up")]
async fn digit() {}

fn main() {}
