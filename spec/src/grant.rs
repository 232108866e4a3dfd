use std::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::{Ownership, Static};

/// The permission of a function to use a resource: `reads = "bucket:uploads"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(serialize = "O::Text: Serialize", deserialize = "O::Text: Deserialize<'de>"))
)]
pub struct Grant<O: Ownership = Static> {
    /// The kind of access.
    pub verb: Verb,
    /// The kind of the resource.
    pub kind: ResourceKind,
    /// The resource's name.
    pub name: O::Text,
}

impl Copy for Grant {}

/// Writes the grant as it is in the attribute: `reads = "bucket:uploads"`.
impl<O: Ownership> fmt::Display for Grant<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = \"{}:{}\"", self.verb.name(), self.kind.name(), self.name)
    }
}

/// The kind of access that a function has to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "lowercase"))]
pub enum Verb {
    /// Reads a bucket's objects or a table's records.
    Reads,
    /// Reads a bucket's objects or a table's records by their names or keys, and does not list them.
    Gets,
    /// Lists a bucket's objects, or queries and scans a table's records.
    Lists,
    /// Writes or deletes a bucket's objects or a table's records.
    Writes,
    /// Creates or replaces a bucket's objects or a table's records, and does not delete them.
    Puts,
    /// Deletes a bucket's objects or a table's records.
    Deletes,
    /// Sends messages to a queue, a topic or a stream.
    Publishes,
}

impl Verb {
    /// All kinds of access.
    pub const ALL: [Verb; 7] =
        [Verb::Reads, Verb::Gets, Verb::Lists, Verb::Writes, Verb::Puts, Verb::Deletes, Verb::Publishes];

    /// Returns the name in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Verb::Reads => "reads",
            Verb::Gets => "gets",
            Verb::Lists => "lists",
            Verb::Writes => "writes",
            Verb::Puts => "puts",
            Verb::Deletes => "deletes",
            Verb::Publishes => "publishes",
        }
    }

    /// Returns the kinds of resources that have this kind of access.
    pub const fn kinds(self) -> &'static [ResourceKind] {
        match self {
            Verb::Reads | Verb::Gets | Verb::Lists | Verb::Writes | Verb::Puts | Verb::Deletes => {
                &[ResourceKind::Bucket, ResourceKind::Table]
            }
            Verb::Publishes => &[ResourceKind::Queue, ResourceKind::Topic, ResourceKind::Stream],
        }
    }

    /// Returns whether `other` allows all that this kind of access allows, and more: `reads` is `gets` and `lists`, and `writes` is `puts` and
    /// `deletes`.
    pub const fn is_part_of(self, other: Verb) -> bool {
        matches!((self, other), (Verb::Gets | Verb::Lists, Verb::Reads) | (Verb::Puts | Verb::Deletes, Verb::Writes))
    }

    /// Returns whether this kind of access changes objects or records.
    pub const fn changes(self) -> bool {
        matches!(self, Verb::Writes | Verb::Puts | Verb::Deletes)
    }
}

/// The kind of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "lowercase"))]
pub enum ResourceKind {
    /// A bucket of objects.
    Bucket,
    /// A table of records.
    Table,
    /// A queue, each of whose messages is for one receiver.
    Queue,
    /// A topic, each of whose messages is for all subscribers.
    Topic,
    /// A stream of ordered messages.
    Stream,
}

impl ResourceKind {
    /// All kinds of resources.
    pub const ALL: [ResourceKind; 5] =
        [ResourceKind::Bucket, ResourceKind::Table, ResourceKind::Queue, ResourceKind::Topic, ResourceKind::Stream];

    /// Returns the name in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            ResourceKind::Bucket => "bucket",
            ResourceKind::Table => "table",
            ResourceKind::Queue => "queue",
            ResourceKind::Topic => "topic",
            ResourceKind::Stream => "stream",
        }
    }

    /// Returns the kind of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
