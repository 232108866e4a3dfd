//! An API backend of notes, as a set of functions: each is an async fn with extractors for arguments, as in axum.
//!
//! - [`notes`]: create, read, list with a query, update, delete; validation errors and a 404 for what is not there.
//! - [`attachments`]: a binary upload and download.
//! - [`export`](mod@export): all notes as a stream, line by line.
//! - [`session`]: a redirect, and cookies.
//! - [`store`]: where notes are kept, behind a trait. In memory here, a database in a service of one's own.

use std::sync::Arc;

use omnifn::Result;

pub mod attachments;
pub mod export;
pub mod notes;
pub mod session;
pub mod store;

/// What the functions share: `State<Notes>` is an argument of those that need it.
pub type Notes = Arc<dyn store::Store>;

/// Makes the state, once, before the first request.
///
/// # Errors
/// None here; a database's connection may fail, and the program then ends with that error.
pub async fn connect() -> Result<Notes> {
    Ok(Arc::new(store::InMemory::default()))
}
