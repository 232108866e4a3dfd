#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct Shop;

impl Shop {
    #[function(get = "/a")]
    async fn hello(&self) {}
}

fn main() {}
