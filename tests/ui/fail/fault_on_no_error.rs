#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[derive(FunctionError)]
struct Mine;

fn main() {}
