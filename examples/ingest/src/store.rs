//! The statistics of each device.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

/// The statistics of the readings of a device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sum {
    /// The number of readings.
    pub count: u64,
    /// The lowest temperature, in °C.
    pub min: f64,
    /// The highest temperature, in °C.
    pub max: f64,
    /// The mean temperature, in °C.
    pub mean: f64,
    /// The time of the last reading, in seconds since 1970.
    pub last: u64,
    /// The sequence number of the last reading. A reading with this number or a lower one is a duplicate.
    #[serde(skip)]
    pub sequence: u64,
}

/// A store of the statistics.
pub trait Store: Send + Sync {
    /// Adds a reading, unless it is a duplicate. Returns whether it was added.
    fn add(&self, device: &str, sequence: u64, time: u64, celsius: f64) -> bool;
    /// Returns the statistics of a device.
    fn get(&self, device: &str) -> Option<Sum>;
    /// Removes the devices without a reading since this time, and returns their number.
    fn forget(&self, before: u64) -> usize;
}

/// A store in memory, for development and tests.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<BTreeMap<String, Sum>>);

impl InMemory {
    fn sums(&self) -> MutexGuard<'_, BTreeMap<String, Sum>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store for InMemory {
    fn add(&self, device: &str, sequence: u64, time: u64, celsius: f64) -> bool {
        let mut sums = self.sums();
        let Some(sum) = sums.get_mut(device) else {
            let sum = Sum { count: 1, min: celsius, max: celsius, mean: celsius, last: time, sequence };
            sums.insert(device.to_owned(), sum);
            return true;
        };
        if sequence <= sum.sequence {
            return false;
        }
        sum.count += 1;
        sum.min = sum.min.min(celsius);
        sum.max = sum.max.max(celsius);
        sum.mean += (celsius - sum.mean) / sum.count as f64;
        sum.last = sum.last.max(time);
        sum.sequence = sequence;
        true
    }

    fn get(&self, device: &str) -> Option<Sum> {
        self.sums().get(device).cloned()
    }

    fn forget(&self, before: u64) -> usize {
        let mut sums = self.sums();
        let there = sums.len();
        sums.retain(|_, sum| sum.last >= before);
        there - sums.len()
    }
}
