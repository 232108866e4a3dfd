//! Telemetry of devices.

mod sums;

use std::time::{Duration, UNIX_EPOCH};

use omnifn::prelude::*;
use serde::Deserialize;
use sums::{Sum, Sums};

/// What a device sends.
#[derive(Debug, Deserialize)]
struct Reading {
    device: String,
    /// In seconds since 1970.
    time: u64,
    celsius: f64,
}

/// Stores a reading. One that no sensor can produce is rejected, and the others of its batch are stored.
#[function(stream = "telemetry", batch_size = 100, attempts = 5, dead_letter = "telemetry-dead", memory = 256)]
async fn measure(reading: Message<Reading>, State(sums): State<Sums>) -> Result<()> {
    let Reading { device, time, celsius } = reading.body;
    if !(-60.0..=125.0).contains(&celsius) {
        return Err(Error::reject("the temperature is outside of -60 °C to 125 °C"));
    }
    sums.add(device, time, celsius);
    Ok(())
}

/// Returns what is known of a device.
#[function(get = "/devices/{name}")]
async fn device(Path(name): Path<String>, State(sums): State<Sums>) -> Result<Json<Sum>> {
    sums.get(&name).map(Json).ok_or_else(|| Error::status(404, format!("there are no readings of {name:?}")))
}

/// Forgets devices that were silent for a month.
#[function(schedule = "0 4 * * *", timeout = 60)]
async fn forget(ctx: Context, State(sums): State<Sums>) {
    const SILENCE: Duration = Duration::from_secs(30 * 24 * 60 * 60);
    let before = ctx.now().checked_sub(SILENCE).and_then(|before| before.duration_since(UNIX_EPOCH).ok());
    let forgotten = sums.forget(before.unwrap_or_default().as_secs());
    println!("{forgotten} devices were silent for a month");
}

async fn connect() -> Result<Sums> {
    Ok(Sums::default())
}

omnifn::main!(measure, device, forget; state = connect);

#[cfg(test)]
mod tests;
