#![allow(unused_variables, dead_code)]

use omnifn::prelude::*;

#[function(get = "/", writes = "queue:jobs")]
async fn save() {}

#[function(get = "/a", publishes = "bucket:uploads")]
async fn send() {}

#[function(get = "/b", reads = "stream:telemetry")]
async fn look() {}

fn main() {}
