#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function]
struct Hello;

#[function]
mod hello {}

fn main() {}
