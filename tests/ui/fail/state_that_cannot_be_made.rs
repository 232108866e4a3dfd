#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function]
async fn hello() {}

fn connect() -> u8 {
    7
}

omnifn::main!(hello; state = connect);
