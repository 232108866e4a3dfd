//! Telemetry of devices: a stream of readings is validated and summarized by device.
//!
//! - [`readings`]: consumes the stream. Invalid readings are rejected one by one, and duplicates have no effect.
//! - [`devices`]: returns the statistics of a device over HTTP, and removes silent devices by a schedule.
//! - [`store`]: the store of the statistics, behind a trait. This example keeps them in memory; a real service would use a database.

use std::sync::Arc;

use omnifn::Result;

pub mod devices;
pub mod readings;
pub mod store;

/// The state that the functions share.
pub type Sums = Arc<dyn store::Store>;

/// Creates the state when the program starts.
///
/// # Errors
/// The store in memory never fails. The connection to a database could fail.
pub async fn connect() -> Result<Sums> {
    Ok(Arc::new(store::InMemory::default()))
}
