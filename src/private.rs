//! All that generated code may name. None of it is under semantic versioning.

pub use omnifn_core::private::*;
pub use omnifn_macros::{app, takes_events};

#[cfg(any(feature = "aws", feature = "azure", feature = "gcp", feature = "local"))]
pub use crate::providers::run_with;
