#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function]
async fn hello() {}

omnifn::main!(hello; cors = ["https://shop.example.com/", "shop.example.com", "https://Shop.example", "https://*.example.com", "null"]);
