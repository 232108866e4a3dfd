#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::{Ownership, Static};

/// The options of a trigger that a deployment needs. Each applies to the clouds that have such an option.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(default))]
#[cfg_attr(
    feature = "serde",
    serde(bound(serialize = "O::Text: Serialize", deserialize = "O::Text: Deserialize<'de>"))
)]
#[non_exhaustive]
pub struct Options<O: Ownership = Static> {
    /// The largest number of records in one invocation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub batch_size: Option<u32>,
    /// The time that the platform waits until a batch is full, in seconds.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub batch_window: Option<u32>,
    /// The number of records of a batch that run at once in one instance ([`CONCURRENCY`](Options::CONCURRENCY) by default), or the number of HTTP
    /// requests the platform sends to one instance at once.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub concurrency: Option<u32>,
    /// The number of attempts before a record becomes a dead letter.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub attempts: Option<u32>,
    /// The name of the queue or topic for dead letters.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub dead_letter: Option<O::Text>,
    /// The name of the setting that contains the connection string.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub connection: Option<O::Text>,
    /// The name of the subscription.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub subscription: Option<O::Text>,
    /// The consumer group.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub consumer_group: Option<O::Text>,
    /// The database that contains the table.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub database: Option<O::Text>,
    /// The position at which reading a stream begins: `latest` or `oldest`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub start: Option<O::Text>,
    /// The time zone of a schedule, such as `Europe/Berlin`.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub time_zone: Option<O::Text>,
    /// The kind of service, if a cloud has several: `kafka`, `kinesis`, `service-bus`, `storage-queue`, ….
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub service: Option<O::Text>,
    /// The source of the CloudEvents that the function takes; `None` is any source.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub source: Option<O::Text>,
}

impl Copy for Options {}

impl Options {
    /// The default: no option is set.
    pub const NONE: Options = Options {
        batch_size: None,
        batch_window: None,
        concurrency: None,
        attempts: None,
        dead_letter: None,
        connection: None,
        subscription: None,
        consumer_group: None,
        database: None,
        start: None,
        time_zone: None,
        service: None,
        source: None,
    };

    /// The number of records of a batch that run at once by default.
    pub const CONCURRENCY: u32 = 10;
}

impl<O: Ownership> Default for Options<O> {
    fn default() -> Self {
        Options {
            batch_size: None,
            batch_window: None,
            concurrency: None,
            attempts: None,
            dead_letter: None,
            connection: None,
            subscription: None,
            consumer_group: None,
            database: None,
            start: None,
            time_zone: None,
            service: None,
            source: None,
        }
    }
}

impl<O: Ownership> Options<O> {
    /// Returns these options, and those of `other` where this one has none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Options {
            batch_size: self.batch_size.or(other.batch_size),
            batch_window: self.batch_window.or(other.batch_window),
            concurrency: self.concurrency.or(other.concurrency),
            attempts: self.attempts.or(other.attempts),
            dead_letter: self.dead_letter.or(other.dead_letter),
            connection: self.connection.or(other.connection),
            subscription: self.subscription.or(other.subscription),
            consumer_group: self.consumer_group.or(other.consumer_group),
            database: self.database.or(other.database),
            start: self.start.or(other.start),
            time_zone: self.time_zone.or(other.time_zone),
            service: self.service.or(other.service),
            source: self.source.or(other.source),
        }
    }
}
