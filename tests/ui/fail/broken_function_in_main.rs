#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "a")]
async fn hello() {}

omnifn::main!(hello);
