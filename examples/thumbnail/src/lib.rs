//! A smaller picture of each one that is uploaded, stored under another name.
//!
//! - [`uploads`]: the function.
//! - [`picture`]: makes a picture smaller, and refuses what is none or would fill the memory.
//! - [`buckets`]: where the pictures are: S3, Cloud Storage, Azure Blob Storage, a folder, or memory, by one address.

pub mod buckets;
pub mod picture;
pub mod uploads;

pub use buckets::connect;
