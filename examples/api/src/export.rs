//! Exports all notes as a stream that reads and sends one page at a time, so that memory use stays small.

use futures_util::{TryStreamExt as _, stream};
use omnifn::{http::header, prelude::*};

use crate::Notes;

/// The number of notes that are in memory at once.
const PAGE: usize = 100;

/// Exports all notes as JSON lines.
#[function(get = "/export", visibility = "public", timeout = 60)]
pub async fn export(State(notes): State<Notes>) -> impl IntoResponse {
    let pages = stream::unfold((notes, 0), |(notes, after)| async move {
        let page = match notes.list(&[], after, PAGE).await {
            Ok(page) => page,
            Err(error) => return Some((Err(error), (notes, u64::MAX))),
        };
        let last = page.last()?.id;
        let lines = page.iter().map(|note| serde_json::to_string(note).map(|line| line + "\n"));
        Some((lines.collect::<Result<String, _>>().map_err(Error::from), (notes, last)))
    });
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(pages.map_err(Error::into_boxed)))
}
