/// What only a deployment has to know of a function: each where a cloud has such a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deploy {
    /// The memory of an instance, in MiB.
    pub memory: Option<u32>,
    /// How long an invocation may take, in seconds.
    pub timeout: Option<u32>,
    /// How many instances there are at most.
    pub instances: Option<u32>,
    /// Who may send HTTP requests.
    pub visibility: Option<Visibility>,
    /// The key that callers are asked for, where the platform itself can ask for one.
    pub auth: Option<Auth>,
}

impl Deploy {
    /// None at all.
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
    /// As in the attribute.
    pub const fn name(self) -> &'static str {
        match self {
            Visibility::Public => "public",
            Visibility::Private => "private",
        }
    }
}

/// The key that callers of an HTTP function are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Auth {
    /// None.
    Anonymous,
    /// The function's key, or the app's.
    Function,
    /// The app's master key.
    Admin,
}

impl Auth {
    /// As in the attribute.
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
    /// What it does.
    pub verb: Verb,
    /// What kind of thing the resource is.
    pub kind: ResourceKind,
    /// The resource's name.
    pub name: &'static str,
}

/// What a function does with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// As in the attribute.
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
