/// The options of a function that only a deployment needs. Each applies to the clouds that have such an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deploy {
    /// The memory of an instance, in MiB.
    pub memory: Option<u32>,
    /// How long an invocation may take, in seconds.
    pub timeout: Option<u32>,
    /// The largest number of instances.
    pub instances: Option<u32>,
    /// Who may send HTTP requests.
    pub visibility: Option<Visibility>,
    /// The key that callers must send, if the platform itself can require one.
    pub auth: Option<Auth>,
}

impl Deploy {
    /// No options.
    pub const NONE: Deploy = Deploy { memory: None, timeout: None, instances: None, visibility: None, auth: None };
}

/// Who may send HTTP requests to a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Everyone.
    Public,
    /// Callers with an identity of the cloud's own.
    Private,
}

impl Visibility {
    /// Returns the name in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Visibility::Public => "public",
            Visibility::Private => "private",
        }
    }
}

/// The key that callers of an HTTP function must send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// No key.
    Anonymous,
    /// The function's key, or the app's.
    Function,
    /// The app's master key.
    Admin,
}

impl Auth {
    /// Returns the name in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Auth::Anonymous => "anonymous",
            Auth::Function => "function",
            Auth::Admin => "admin",
        }
    }
}

/// What a function may do with a resource: `reads = "bucket:uploads"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    /// The kind of access.
    pub verb: Verb,
    /// The kind of the resource.
    pub kind: ResourceKind,
    /// The resource's name.
    pub name: &'static str,
}

/// The kind of access that a function has to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Reads a bucket's objects or a table's records.
    Reads,
    /// Writes or deletes a bucket's objects or a table's records.
    Writes,
    /// Sends messages to a queue, a topic or a stream.
    Publishes,
}

impl Verb {
    /// Returns the name in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Verb::Reads => "reads",
            Verb::Writes => "writes",
            Verb::Publishes => "publishes",
        }
    }
}

/// The kind of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
}
