#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct A;
struct B;
struct C;

#[function(post = "/a")]
async fn hello(a: A, b: B, c: C) {}

fn main() {}
