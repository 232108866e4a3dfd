//! The items that generated code uses. They are not subject to semantic versioning.

pub use omnifn_core::private::*;
pub use omnifn_macros::{app, program_note};

/// The version of this crate.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Whether this build serves HTTP/2.
pub const HTTP2: bool = cfg!(feature = "h2c");

/// The names of the providers of this build.
#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
pub const PROVIDERS: &[&str] = &crate::providers::NAMES;
