//! The notes in a binary, as they are written: JSON, one object for each function and one for the program.

use serde::{Deserialize, Serialize};

use super::{Grant, Trigger};

/// The version of the notes that is read here.
pub const SCHEMA: u32 = 1;

/// A note.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub enum Note {
    /// What `omnifn::main!` wrote.
    Program(ProgramNote),
    /// What `#[function]` wrote.
    Function(Box<FunctionNote>),
}

/// What `omnifn::main!` wrote: which functions the program has, and how it was built.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProgramNote {
    /// The version of the note's form.
    pub v: u32,
    /// The names of the functions, in order.
    pub program: Vec<String>,
    /// The package.
    #[serde(rename = "crate")]
    pub package: String,
    /// The package's version.
    pub version: String,
    /// The version of omnifn.
    pub omnifn: String,
    /// The providers that it was built for, as their cargo features are called.
    pub providers: Vec<String>,
    /// `unwind` or `abort`.
    pub panic: String,
    /// Whether it serves HTTP/2.
    #[serde(default)]
    pub http2: bool,
    /// Whether debug assertions are on.
    pub debug: bool,
}

/// What `#[function]` wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FunctionNote {
    /// The version of the note's form.
    pub v: u32,
    /// The function's name.
    pub name: String,
    /// What starts it.
    pub trigger: Trigger,
    /// What the trigger's transport has to know.
    #[serde(default)]
    pub options: Options,
    /// What only a deployment has to know.
    #[serde(default)]
    pub deploy: Deploy,
    /// What the function may do beside being started.
    #[serde(default)]
    pub grants: Vec<Grant>,
    /// The secrets that it reads, by the names of their variables.
    #[serde(default)]
    pub secrets: Vec<String>,
    /// The module, as `shop::orders`.
    pub module: String,
    /// The file, as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
}

/// A path with its methods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpRoute {
    /// The methods in capitals; `ANY` alone for every method.
    pub methods: Vec<String>,
    /// The pattern, as `/notes/{id}` or `/files/{*rest}`; none is any path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

/// What the trigger's transport has to know, each as in the attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Options {
    /// How many records one invocation gets at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_size: Option<u32>,
    /// How long the platform waits for a batch to be full, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_window: Option<u32>,
    /// How much runs at once in one instance: requests, or records of a batch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concurrency: Option<u32>,
    /// How often a record is tried before it is a dead letter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
    /// Where dead letters go: the name of a queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letter: Option<String>,
    /// The name of the setting that holds the connection string.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection: Option<String>,
    /// The name of the subscription.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription: Option<String>,
    /// The consumer group.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consumer_group: Option<String>,
    /// The database that holds the table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// Where a stream is read from at first: `latest` or `oldest`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// The time zone of a schedule, as `Europe/Berlin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// What kind of service carries it: `kafka`, `kinesis`, `service-bus`, `storage-queue`, ….
    #[serde(skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The source of the CloudEvents that the function takes; none is any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

/// What only a deployment has to know, each as in the attribute.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Deploy {
    /// The memory of an instance, in MiB.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub memory: Option<u32>,
    /// How long an invocation may take, in seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u32>,
    /// How many instances there are at most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instances: Option<u32>,
    /// Who may send HTTP requests: `public` (everyone) or `private` (callers with the cloud's own identity; the default).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub visibility: Option<String>,
    /// The key that Azure asks callers for: `anonymous`, `function` or `admin`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auth: Option<String>,
}

impl Options {
    /// These, and of those that are missing here, the others.
    pub(crate) fn over(self, other: Options) -> Options {
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

impl Deploy {
    /// These, and of those that are missing here, the others.
    pub(crate) fn over(self, other: Deploy) -> Deploy {
        Deploy {
            memory: self.memory.or(other.memory),
            timeout: self.timeout.or(other.timeout),
            instances: self.instances.or(other.instances),
            visibility: self.visibility.or(other.visibility),
            auth: self.auth.or(other.auth),
        }
    }
}
