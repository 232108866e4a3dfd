use std::{any::Any, time::SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::content;
use crate::Error;

/// A schedule's time has come.
///
/// ```
/// use omnifn_core::{Result, event::Tick};
///
/// async fn nightly(tick: Tick) -> Result<()> {
///     println!("planned for {:?}", tick.scheduled);
///     Ok(())
/// }
/// # assert_eq!(Tick::new().late, None);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tick {
    /// The platform's id of this tick.
    pub id: Option<String>,
    /// The schedule as the platform names it: a rule's ARN, a job's name.
    pub source: Option<String>,
    /// The time that it was planned for.
    pub scheduled: Option<SystemTime>,
    /// The time now, by the runtime's clock.
    pub now: Option<SystemTime>,
    /// Whether the platform says that it comes late.
    pub late: Option<bool>,
    /// How often it was delivered, this time included.
    pub attempt: Option<u32>,
    /// What the schedule was told to send along; empty where it was not.
    pub input: Bytes,
}

impl Tick {
    /// A tick of which nothing is known.
    pub fn new() -> Self {
        Tick::default()
    }

    /// Reads what the schedule was told to send along: JSON, or `String` or `Bytes` as it is.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) where it is not what it should be.
    pub fn input<T: DeserializeOwned + Any>(&self) -> Result<T, Error> {
        content::read(&self.input, "the schedule's input")
    }
}
