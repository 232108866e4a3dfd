use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::{Deploy, FunctionNote, Grant, HttpRoute, Options, ResourceKind};

/// A function, with what its stage lays over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// What starts it.
    pub trigger: Trigger,
    /// What the trigger's transport has to know.
    pub options: Options,
    /// What only a deployment has to know.
    pub deploy: Deploy,
    /// What it may do beside being started.
    pub grants: Vec<Grant>,
    /// The secrets that it reads, by the names of their variables.
    pub secrets: Vec<String>,
    /// Variables that it gets.
    pub environment: BTreeMap<String, String>,
    /// The key of each variable in `[package.metadata.omnifn]`.
    #[serde(skip)]
    pub(crate) environment_keys: BTreeMap<String, String>,
    /// Where it stands in the source.
    pub source: Source,
}

/// A place in the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Source {
    /// The module.
    pub module: String,
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// What starts a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Trigger {
    /// HTTP requests.
    Http {
        /// Each path with its methods, at least one.
        routes: Vec<HttpRoute>,
    },
    /// Messages of a queue.
    Queue {
        /// Its name.
        source: String,
    },
    /// Messages of a topic.
    Topic {
        /// Its name.
        source: String,
    },
    /// Messages of a stream.
    Stream {
        /// Its name.
        source: String,
    },
    /// Changes of objects in a bucket.
    Storage {
        /// Its name.
        source: String,
        /// Which changes: `created`, `deleted`, `archived`, `updated`.
        on: Vec<String>,
        /// What an object's key begins with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        prefix: Option<String>,
        /// What it ends with.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        suffix: Option<String>,
    },
    /// The times of a schedule.
    Schedule {
        /// Cron, in five fields.
        source: String,
    },
    /// CloudEvents of a type.
    Event {
        /// The type.
        source: String,
    },
    /// Changes of a table's records.
    Changes {
        /// Its name.
        source: String,
    },
    /// Direct invocations.
    Invoke,
}

/// The class of a trigger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// HTTP requests.
    Http,
    /// Messages of a queue.
    Queue,
    /// Messages of a topic.
    Topic,
    /// Messages of a stream.
    Stream,
    /// Changes of objects.
    Storage,
    /// The times of a schedule.
    Schedule,
    /// CloudEvents.
    Event,
    /// Changes of a table's records.
    Changes,
    /// Direct invocations.
    Invoke,
}

impl Class {
    /// All of them.
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

    /// As in the attribute.
    pub const fn name(self) -> &'static str {
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
}

impl Trigger {
    /// Its class.
    pub const fn class(&self) -> Class {
        match self {
            Trigger::Http { .. } => Class::Http,
            Trigger::Queue { .. } => Class::Queue,
            Trigger::Topic { .. } => Class::Topic,
            Trigger::Stream { .. } => Class::Stream,
            Trigger::Storage { .. } => Class::Storage,
            Trigger::Schedule { .. } => Class::Schedule,
            Trigger::Event { .. } => Class::Event,
            Trigger::Changes { .. } => Class::Changes,
            Trigger::Invoke => Class::Invoke,
        }
    }

    /// Returns the name in the trigger: the queue, the bucket, the cron expression, or the type. HTTP and direct invocations have none.
    pub fn source(&self) -> Option<&str> {
        match self {
            Trigger::Http { .. } | Trigger::Invoke => None,
            Trigger::Queue { source }
            | Trigger::Topic { source }
            | Trigger::Stream { source }
            | Trigger::Storage { source, .. }
            | Trigger::Schedule { source }
            | Trigger::Event { source }
            | Trigger::Changes { source } => Some(source),
        }
    }

    /// The resource whose events it takes, where there is one.
    pub fn resource(&self) -> Option<(ResourceKind, &str)> {
        let kind = match self {
            Trigger::Queue { .. } => ResourceKind::Queue,
            Trigger::Topic { .. } => ResourceKind::Topic,
            Trigger::Stream { .. } => ResourceKind::Stream,
            Trigger::Storage { .. } => ResourceKind::Bucket,
            Trigger::Changes { .. } => ResourceKind::Table,
            Trigger::Http { .. } | Trigger::Schedule { .. } | Trigger::Event { .. } | Trigger::Invoke => return None,
        };
        Some((kind, self.source()?))
    }
}

impl From<FunctionNote> for Function {
    fn from(note: FunctionNote) -> Self {
        Function {
            name: note.name,
            trigger: note.trigger,
            options: note.options,
            deploy: note.deploy,
            grants: note.grants,
            secrets: note.secrets,
            environment: BTreeMap::new(),
            environment_keys: BTreeMap::new(),
            source: Source { module: note.module, file: note.file, line: note.line },
        }
    }
}
