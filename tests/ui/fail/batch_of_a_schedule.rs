#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(schedule = "0 3 * * *")]
async fn take(ticks: Batch<Tick>) {}

fn main() {}
