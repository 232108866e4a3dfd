use std::fmt;

use serde::{Deserialize, Serialize};

/// What a function may do with a resource, as its attribute says: `reads = "bucket:uploads"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grant {
    /// What it does.
    pub verb: Verb,
    /// What kind of resource it is.
    pub kind: ResourceKind,
    /// The name, as the source has it.
    pub name: String,
}

/// As in the attribute: `reads = "bucket:uploads"`.
impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = \"{}:{}\"", self.verb.name(), self.kind.name(), self.name)
    }
}

/// What a function does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verb {
    /// Reads a bucket's objects or a table's records.
    Reads,
    /// Writes them, or deletes them.
    Writes,
    /// Sends messages to a queue, a topic or a stream.
    Publishes,
}

impl Verb {
    /// As in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Verb::Reads => "reads",
            Verb::Writes => "writes",
            Verb::Publishes => "publishes",
        }
    }
}

/// What kind of thing a resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ResourceKind {
    /// Objects.
    Bucket,
    /// Records.
    Table,
    /// Messages, each for one.
    Queue,
    /// Messages, each for all.
    Topic,
    /// Messages in order.
    Stream,
}

impl ResourceKind {
    /// As in a grant.
    pub const fn name(self) -> &'static str {
        match self {
            ResourceKind::Bucket => "bucket",
            ResourceKind::Table => "table",
            ResourceKind::Queue => "queue",
            ResourceKind::Topic => "topic",
            ResourceKind::Stream => "stream",
        }
    }
}

/// A resource as a stage has it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Resource {
    /// What kind of thing it is.
    pub kind: ResourceKind,
    /// Its name in the source.
    pub logical: String,
    /// Its name in this stage.
    pub name: String,
    /// Whether it is made with the functions; else it is there already.
    pub create: bool,
}
