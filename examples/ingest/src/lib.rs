//! Telemetry of devices: a stream of readings, checked and summed up by device.
//!
//! - [`readings`]: takes the stream. Bad readings are rejected one by one; the same one twice does no harm.
//! - [`devices`]: what is known of a device, by HTTP; and those that were silent for long are forgotten, by a schedule.
//! - [`store`]: where the sums are kept, behind a trait. In memory here, a database in a service of one's own.

use std::sync::Arc;

use omnifn::Result;

pub mod devices;
pub mod readings;
pub mod store;

/// What the functions share.
pub type Sums = Arc<dyn store::Store>;

/// Makes the state, once.
///
/// # Errors
/// None here; a database's connection may fail.
pub async fn connect() -> Result<Sums> {
    Ok(Arc::new(store::InMemory::default()))
}
