#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/notes")]
async fn read(Path(id): Path<u64>) {}

#[function]
async fn any(Path(id): Path<u64>) {}

fn main() {}
