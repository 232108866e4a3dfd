use std::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::ResourceKind;

/// The class of a trigger, as the attribute declares it. It is never guessed from the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "lowercase"))]
pub enum Class {
    /// HTTP requests.
    Http,
    /// `queue = "…"`.
    Queue,
    /// `topic = "…"`.
    Topic,
    /// `stream = "…"`.
    Stream,
    /// `storage = "…"`.
    Storage,
    /// `schedule = "…"`.
    Schedule,
    /// `event = "…"`.
    Event,
    /// `changes = "…"`.
    Changes,
    /// `invoke`.
    Invoke,
}

impl Class {
    /// All classes.
    pub const ALL: [Class; 9] = [
        Class::Http,
        Class::Queue,
        Class::Topic,
        Class::Stream,
        Class::Storage,
        Class::Schedule,
        Class::Event,
        Class::Changes,
        Class::Invoke,
    ];

    /// All classes of events. HTTP requests and direct invocations are not among them, because their callers wait for a result.
    pub const EVENTS: [Class; 7] =
        [Class::Queue, Class::Topic, Class::Stream, Class::Storage, Class::Schedule, Class::Event, Class::Changes];

    /// Returns the key in the attribute.
    ///
    /// ```
    /// assert_eq!(omnifn_spec::Class::Queue.key(), "queue");
    /// ```
    pub const fn key(self) -> &'static str {
        match self {
            Class::Http => "http",
            Class::Queue => "queue",
            Class::Topic => "topic",
            Class::Stream => "stream",
            Class::Storage => "storage",
            Class::Schedule => "schedule",
            Class::Event => "event",
            Class::Changes => "changes",
            Class::Invoke => "invoke",
        }
    }

    /// Returns the kind of the resource that the trigger names; requests, invocations, schedules, and CloudEvents come from none.
    pub const fn resource(self) -> Option<ResourceKind> {
        match self {
            Class::Queue => Some(ResourceKind::Queue),
            Class::Topic => Some(ResourceKind::Topic),
            Class::Stream => Some(ResourceKind::Stream),
            Class::Storage => Some(ResourceKind::Bucket),
            Class::Changes => Some(ResourceKind::Table),
            Class::Http | Class::Schedule | Class::Event | Class::Invoke => None,
        }
    }

    /// Describes what a function of this class takes, for errors.
    pub const fn takes(self) -> &'static str {
        match self {
            Class::Http => "HTTP requests",
            Class::Queue => "messages of a queue",
            Class::Topic => "messages of a topic",
            Class::Stream => "messages of a stream",
            Class::Storage => "changes of objects",
            Class::Schedule => "ticks of a schedule",
            Class::Event => "CloudEvents",
            Class::Changes => "changes of records",
            Class::Invoke => "direct invocations",
        }
    }
}

/// Writes the key in the attribute.
impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.key())
    }
}
