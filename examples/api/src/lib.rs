//! An API backend of notes, as a set of functions: each is an async fn with extractors for arguments, as in axum.
//!
//! - [`notes`]: create, read, list with a query, update, delete; validation errors, and a 404 for a missing note.
//! - [`attachments`]: a binary upload and download.
//! - [`export`](mod@export): all notes as a stream, line by line.
//! - [`session`]: a redirect, and cookies.
//! - [`store`]: where notes are kept, behind a trait. This example keeps them in memory; a real service would use a database.

use std::sync::Arc;

use omnifn::Result;

pub mod attachments;
pub mod export;
pub mod notes;
pub mod session;
pub mod store;

/// The state that the functions share: functions that need it take `State<Notes>`.
pub type Notes = Arc<dyn store::Store>;

/// Creates the state when the program starts, before the first request.
///
/// # Errors
/// The store in memory never fails. The connection to a database could fail, and the program would end with that error.
pub async fn connect() -> Result<Notes> {
    Ok(Arc::new(store::InMemory::default()))
}
