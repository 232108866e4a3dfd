//! All notes, however many: a page at a time is read, and sent, while the next one is still in the store.

use futures_util::{StreamExt, stream};
use omnifn::{http::header, prelude::*};

use crate::Notes;

/// How many notes are in memory at once.
const PAGE: usize = 100;

/// All notes, one JSON object in each line.
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
    ([(header::CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(pages.map(|page| page.map_err(Error::into_boxed))))
}
