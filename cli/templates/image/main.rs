//! Smaller pictures of those that are uploaded.

mod bucket;
mod picture;

use bucket::{Bucket, connect};
use omnifn::prelude::*;

/// Stores a thumbnail of an upload. The same upload again writes the same thumbnail again.
#[function(
    storage = "uploads",
    on(created),
    prefix = "pictures/",
    reads = "bucket:uploads",
    writes = "bucket:uploads",
    attempts = 3,
    dead_letter = "thumbnail-dead",
    memory = 1024,
    timeout = 60
)]
async fn thumbnail(object: Object, State(bucket): State<Bucket>) -> Result<()> {
    let bytes = match object.content {
        Some(content) => content,
        None => bucket.get(&object.key).await?,
    };
    let small = picture::smaller(&bytes)?;
    let name = object.key.strip_prefix("pictures/").unwrap_or(&object.key);
    bucket.put(&format!("thumbnails/{name}"), small.into()).await
}

omnifn::main!(thumbnail; state = connect);

#[cfg(test)]
mod tests;
