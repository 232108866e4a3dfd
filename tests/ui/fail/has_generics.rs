#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/a")]
async fn types<T>(value: T) {}

#[function(get = "/b")]
async fn numbers<const N: usize>() {}

#[function(get = "/c")]
async fn lifetimes<'a>(name: std::borrow::Cow<'a, str>) {}

fn main() {}
