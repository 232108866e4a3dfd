//! Stores a thumbnail of each uploaded picture.
//!
//! - [`uploads`]: the function that handles uploads.
//! - [`picture`]: makes a picture smaller, and rejects files that are not pictures or would need too much memory.
//! - [`buckets`]: opens the bucket by its address: S3, Cloud Storage, Azure Blob Storage, a folder, or memory.

pub mod buckets;
pub mod picture;
pub mod uploads;

pub use buckets::connect;
