#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(invoke, batch_size = 10, attempts = 3, timeout = 10, visibility = "private")]
async fn price() {}

fn main() {}
