#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function]
async fn one() {}

#[function]
async fn two() {}

omnifn::main!(one, two);
