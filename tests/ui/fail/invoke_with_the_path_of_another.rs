#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(post = "/price", name = "checkout")]
async fn checkout() {}

#[function(invoke)]
async fn price() {}

fn main() {
    omnifn::app!(checkout, price);
}
