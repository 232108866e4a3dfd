//! All that generated code may name. None of it is under semantic versioning.

pub use omnifn_core::private::*;
pub use omnifn_macros::app;
