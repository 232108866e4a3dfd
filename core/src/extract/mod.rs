//! omnifn's own extractors, which are the same on every provider.
//!
//! Every extractor of axum works as well, and everything else that implements `FromRequest<()>` or `FromRequestParts<()>`. The one exception
//! is axum's `State`, which omnifn's replaces.

mod json;
mod path;
mod query;
mod state;

pub use json::Json;
pub(crate) use json::whole;
pub use path::Path;
pub use query::Query;
pub use state::State;
