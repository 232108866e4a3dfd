//! The stream of readings.

use std::{
    fmt,
    time::{SystemTime, UNIX_EPOCH},
};

use omnifn::prelude::*;
use serde::Deserialize;

use crate::Sums;

/// What a device sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reading {
    /// Its name.
    pub device: String,
    /// The number of the reading: each device counts its own.
    pub sequence: u64,
    /// When it was read, in seconds since 1970.
    pub time: u64,
    /// The temperature, in °C.
    pub celsius: f64,
}

/// Why a reading is not taken. It never will be, so it is rejected.
#[derive(Debug, PartialEq, FunctionError)]
#[fault(reject, status = 422)]
pub enum BadReading {
    /// No name, or one that no device has.
    Device,
    /// Colder or hotter than the sensor can tell.
    Celsius,
    /// Read in the future.
    Time,
}

impl fmt::Display for BadReading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadReading::Device => "the device's name is 1 to 64 letters, digits and dashes",
            BadReading::Celsius => "the sensor tells -60 °C to 125 °C",
            BadReading::Time => "the reading is of the future",
        })
    }
}

impl std::error::Error for BadReading {}

/// Takes a reading.
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
    // A reading that comes again is no news, and no failure.
    sums.add(&reading.device, reading.sequence, reading.time, reading.celsius);
    Ok(())
}

/// The reading, where it can be one.
///
/// # Errors
/// What is wrong with it.
pub fn check(reading: Reading, now: SystemTime) -> Result<Reading, BadReading> {
    /// How far a device's clock may be ahead, in seconds.
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
