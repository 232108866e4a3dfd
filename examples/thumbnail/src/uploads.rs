//! The function that handles uploads.

use omnifn::prelude::*;

use crate::{buckets::Bucket, picture};

/// The prefix of thumbnails. Uploads have another prefix, so that a thumbnail does not trigger the function again.
const FOLDER: &str = "thumbnails/";

/// Stores a thumbnail of an upload. The same upload again writes the same thumbnail again.
#[function(
    storage = "uploads",
    on(created),
    prefix = "pictures/",
    reads = "bucket:uploads",
    writes = "bucket:uploads",
    memory = 1024,
    timeout = 60,
    attempts = 3,
    dead_letter = "thumbnail-dead"
)]
pub async fn thumbnail(object: Object, State(bucket): State<Bucket>) -> Result<()> {
    let bytes = match object.content {
        Some(content) => content,
        None => bucket.get(&object.key).await?,
    };
    let small = picture::smaller(&bytes).map_err(Error::of)?;
    let name = object.key.strip_prefix("pictures/").unwrap_or(&object.key);
    bucket.put(&format!("{FOLDER}{name}"), small.into()).await
}
