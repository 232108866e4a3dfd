//! `ui.rs` is all of this package.
