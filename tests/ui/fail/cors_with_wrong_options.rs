#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function]
async fn hello() {}

omnifn::main!(hello; cors(
    origins = "https://shop.example.com",
    methods = ["get", "ANY"],
    headers = ["*", "a b"],
    exposed = [7],
    credentials = "yes",
    max_age = "1h",
    max_age = 3600,
    ages = 3,
));
