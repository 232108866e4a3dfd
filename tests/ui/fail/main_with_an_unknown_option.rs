#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function]
async fn hello() {}

async fn connect() -> Result<u8> {
    Ok(7)
}

omnifn::main!(hello; stat = connect);
