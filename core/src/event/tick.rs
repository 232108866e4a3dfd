use std::{any::Any, time::SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::content;
use crate::Error;

/// The time of a schedule.
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
    /// The time that the tick was scheduled for.
    pub scheduled: Option<SystemTime>,
    /// The time now, by the runtime's clock.
    pub now: Option<SystemTime>,
    /// Whether the platform reports that the tick is late.
    pub late: Option<bool>,
    /// How often the tick was delivered, including this time.
    pub attempt: Option<u32>,
    /// The input that is configured for the schedule; empty if there is none.
    pub input: Bytes,
}

impl Tick {
    /// Creates a tick with no data.
    pub fn new() -> Self {
        Tick::default()
    }

    /// Decodes the input that is configured for the schedule: JSON, or `String` or `Bytes` unchanged.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the input does not fit the type.
    pub fn input<T: DeserializeOwned + Any>(&self) -> Result<T, Error> {
        content::read(&self.input, "the schedule's input")
    }
}
