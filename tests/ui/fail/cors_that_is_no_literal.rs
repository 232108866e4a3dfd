#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function]
async fn hello() {}

const SHOP: &str = "https://shop.example.com";

omnifn::main!(hello; cors = [SHOP]);
