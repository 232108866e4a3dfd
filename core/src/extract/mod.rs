//! The extractors that omnifn brings: thin, and the same on every provider.
//!
//! Everything else that implements `FromRequest<()>` or `FromRequestParts<()>` works as well, axum's own extractors
//! among them. (axum's `Path` and `State` need axum's router.)

mod json;
mod path;
mod query;
mod state;

pub use json::Json;
pub use path::Path;
pub use query::Query;
pub use state::State;
