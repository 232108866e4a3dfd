//! One grant allows all that the other allows.

use omnifn::prelude::*;

#[function(get = "/", reads = "bucket:uploads", gets = "bucket:uploads")]
async fn first() {}

#[function(get = "/a", deletes = "table:notes", writes = ["table:orders", "table:notes"])]
async fn second() {}

#[function(get = "/b", lists = "queue:jobs", puts = "queue:jobs")]
async fn third() {}

fn main() {}
