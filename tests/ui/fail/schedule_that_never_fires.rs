#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(schedule = "0 0 30 2 *")]
async fn yearly(tick: Tick) {}

fn main() {}
