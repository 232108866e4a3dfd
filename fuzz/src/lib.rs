//! The fuzz targets, as functions: each takes what `arbitrary` makes of any bytes, and calls the code that programs run. The
//! ordinary tests call the same functions with random bytes (`tests/fuzz.rs`, `cli/tests/fuzz.rs`).

pub mod cloud_events;
pub mod json;
pub mod messages;
pub mod notes;
