//! The statistics of the devices over HTTP, and the schedule that removes silent devices.

use std::time::{Duration, UNIX_EPOCH};

use omnifn::prelude::*;

use crate::{Sums, store::Sum};

/// The time after which a silent device is removed.
const SILENCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Returns the statistics of a device.
#[function(get = "/devices/{name}", name = "device")]
pub async fn read(Path(name): Path<String>, State(sums): State<Sums>) -> Result<Json<Sum>> {
    sums.get(&name).map(Json).ok_or_else(|| Error::status(404, format!("nothing was received from {name:?}")))
}

/// Removes the devices that were silent for a month.
#[function(schedule = "0 4 * * *", name = "forget-devices", timeout = 60)]
pub async fn forget(ctx: Context, State(sums): State<Sums>) {
    let before = ctx.now().checked_sub(SILENCE).and_then(|before| before.duration_since(UNIX_EPOCH).ok());
    let forgotten = sums.forget(before.unwrap_or_default().as_secs());
    println!("{forgotten} devices were silent for a month");
}
