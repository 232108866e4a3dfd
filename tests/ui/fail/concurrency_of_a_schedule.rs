#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(schedule = "0 3 * * *", concurrency = 2)]
async fn nightly(tick: Tick) {}

fn main() {}
