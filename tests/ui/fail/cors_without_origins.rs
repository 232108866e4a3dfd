#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function]
async fn hello() {}

omnifn::main!(hello; cors(max_age = 600));
