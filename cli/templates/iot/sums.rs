//! The readings of each device, summed up.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use serde::Serialize;

/// What is known of a device.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Sum {
    pub count: u64,
    pub min: f64,
    pub max: f64,
    /// The time of the last reading.
    pub last: u64,
}

/// In this process's memory: gone when it ends, and each instance of a function has its own.
#[derive(Debug, Clone, Default)]
pub struct Sums(Arc<Mutex<BTreeMap<String, Sum>>>);

impl Sums {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Sum>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a reading.
    pub fn add(&self, device: String, time: u64, celsius: f64) {
        let mut sums = self.lock();
        let sum = sums.entry(device).or_insert(Sum { count: 0, min: celsius, max: celsius, last: time });
        sum.count += 1;
        sum.min = sum.min.min(celsius);
        sum.max = sum.max.max(celsius);
        sum.last = sum.last.max(time);
    }

    /// What is known of a device.
    pub fn get(&self, device: &str) -> Option<Sum> {
        self.lock().get(device).cloned()
    }

    /// Forgets devices that were silent since a time, and says how many.
    pub fn forget(&self, before: u64) -> usize {
        let mut sums = self.lock();
        let there = sums.len();
        sums.retain(|_, sum| sum.last >= before);
        there - sums.len()
    }
}
