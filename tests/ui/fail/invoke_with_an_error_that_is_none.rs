#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

struct SoldOut;

#[function(invoke)]
async fn price() -> Result<Json<u32>, SoldOut> {
    Err(SoldOut)
}

fn main() {}
