//! The stream of readings.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use omnifn::prelude::*;
use serde::Deserialize;

use crate::Sums;

/// A reading that a device sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// The name of the device.
    pub device: String,
    /// The sequence number of the reading on its device.
    pub sequence: u64,
    /// The time of the reading, in seconds since 1970.
    pub time: u64,
    /// The temperature, in °C.
    pub celsius: f64,
}

/// The reason why a reading is invalid. It can never become valid, so it is rejected.
#[derive(Debug, PartialEq, FunctionError)]
#[fault(reject, status = 422)]
pub enum BadReading {
    /// The name of the device is invalid.
    Device,
    /// The temperature is outside of the range of the sensor.
    Celsius,
    /// The time is in the future.
    Time,
}

impl fmt::Display for BadReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadReading::Device => "invalid device name: expected 1 to 64 letters, digits, and dashes",
            BadReading::Celsius => "invalid temperature: expected -60 °C to 125 °C",
            BadReading::Time => "the time of the reading is in the future",
        })
    }
}

impl std::error::Error for BadReading {}

/// Consumes a reading.
#[function(
    stream = "telemetry",
    name = "ingest",
    batch_size = 100,
    attempts = 5,
    dead_letter = "telemetry-dead",
    memory = 256
)]
pub async fn take(message: Message<Reading>, State(sums): State<Sums>, ctx: Context) -> Result<(), BadReading> {
    let reading = check(message.body, ctx.now())?;
    // A duplicate reading is ignored, and is not a failure.
    sums.add(&reading.device, reading.sequence, reading.time, reading.celsius);
    Ok(())
}

/// Validates a reading.
///
/// # Errors
/// The reason why the reading is invalid.
pub fn check(reading: Reading, now: SystemTime) -> Result<Reading, BadReading> {
    /// The largest difference by which the clock of a device may be ahead, in seconds.
    const AHEAD: u64 = 60;
    let fit = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if reading.device.is_empty() || reading.device.len() > 64 || !reading.device.chars().all(fit) {
        return Err(BadReading::Device);
    }
    if !(-60.0..=125.0).contains(&reading.celsius) {
        return Err(BadReading::Celsius);
    }
    let now = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    if reading.time > now.saturating_add(AHEAD) { Err(BadReading::Time) } else { Ok(reading) }
}
