#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[derive(Debug, FunctionError)]
#[fault(status = 200)]
struct Mine;

impl std::fmt::Display for Mine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("one")
    }
}

impl std::error::Error for Mine {}

fn main() {}
