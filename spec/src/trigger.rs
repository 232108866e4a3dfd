use std::fmt;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::{Class, Methods, Ownership, ResourceKind, Static};

/// The trigger of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(tag = "kind", rename_all = "lowercase"))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "O::Text: Serialize, O::List<Route<O>>: Serialize, O::List<ObjectChange>: Serialize",
        deserialize = "O::Text: Deserialize<'de>, O::List<Route<O>>: Deserialize<'de>, O::List<ObjectChange>: Deserialize<'de>"
    ))
)]
pub enum Trigger<O: Ownership = Static> {
    /// HTTP requests.
    Http(HttpTrigger<O>),
    /// Messages of the queue of this name.
    Queue(#[cfg_attr(feature = "serde", serde(with = "named"))] O::Text),
    /// Messages of the topic of this name.
    Topic(#[cfg_attr(feature = "serde", serde(with = "named"))] O::Text),
    /// Messages of the stream of this name.
    Stream(#[cfg_attr(feature = "serde", serde(with = "named"))] O::Text),
    /// Changes of objects in a bucket.
    Storage(StorageTrigger<O>),
    /// The times of a schedule: cron, in five fields.
    Schedule(#[cfg_attr(feature = "serde", serde(with = "named"))] O::Text),
    /// CloudEvents of this type.
    Event(#[cfg_attr(feature = "serde", serde(with = "named"))] O::Text),
    /// Changes of the records of the table of this name.
    Changes(#[cfg_attr(feature = "serde", serde(with = "named"))] O::Text),
    /// Direct invocations, whose whole payload is the function's input.
    Invoke,
}

impl Copy for Trigger {}

impl<O: Ownership> Trigger<O> {
    /// Returns the class of the trigger.
    pub const fn class(&self) -> Class {
        match self {
            Trigger::Http(_) => Class::Http,
            Trigger::Queue(_) => Class::Queue,
            Trigger::Topic(_) => Class::Topic,
            Trigger::Stream(_) => Class::Stream,
            Trigger::Storage(_) => Class::Storage,
            Trigger::Schedule(_) => Class::Schedule,
            Trigger::Event(_) => Class::Event,
            Trigger::Changes(_) => Class::Changes,
            Trigger::Invoke => Class::Invoke,
        }
    }

    /// Returns the name in the trigger: of the queue, the bucket, the type of event, or the cron expression; `None` for HTTP and `invoke`.
    pub fn source(&self) -> Option<&str> {
        match self {
            Trigger::Http(_) | Trigger::Invoke => None,
            Trigger::Queue(name)
            | Trigger::Topic(name)
            | Trigger::Stream(name)
            | Trigger::Schedule(name)
            | Trigger::Event(name)
            | Trigger::Changes(name) => Some(name.as_ref()),
            Trigger::Storage(storage) => Some(storage.bucket.as_ref()),
        }
    }

    /// Returns the resource whose events start the function: its kind and its name. Requests, invocations, schedules, and CloudEvents have
    /// none.
    pub fn resource(&self) -> Option<(ResourceKind, &str)> {
        Some((self.class().resource()?, self.source()?))
    }
}

/// The requests that an HTTP function takes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(serialize = "O::List<Route<O>>: Serialize", deserialize = "O::List<Route<O>>: Deserialize<'de>"))
)]
pub struct HttpTrigger<O: Ownership = Static> {
    /// Each path with its methods, at least one.
    pub routes: O::List<Route<O>>,
}

impl Copy for HttpTrigger {}

/// A path pattern and the methods that it is for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(serialize = "O::Text: Serialize", deserialize = "O::Text: Deserialize<'de>"))
)]
pub struct Route<O: Ownership = Static> {
    /// The methods.
    pub methods: Methods,
    /// The pattern, such as `/notes/{id}` or `/files/{*path}`; `None` is any path.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub path: Option<O::Text>,
}

impl Copy for Route {}

/// Writes the route as lists of routes show it: `GET /notes/{id}`.
impl<O: Ownership> fmt::Display for Route<O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.path, self.methods) {
            (None, Methods::ANY) => f.write_str("any method, any path"),
            (None, methods) => write!(f, "{methods} any path"),
            (Some(path), methods) => write!(f, "{methods} {path}"),
        }
    }
}

/// The changes of objects that trigger a function.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(bound(
        serialize = "O::Text: Serialize, O::List<ObjectChange>: Serialize",
        deserialize = "O::Text: Deserialize<'de>, O::List<ObjectChange>: Deserialize<'de>"
    ))
)]
pub struct StorageTrigger<O: Ownership = Static> {
    /// The name of the bucket or container.
    #[cfg_attr(feature = "serde", serde(rename = "source"))]
    pub bucket: O::Text,
    /// The kinds of changes, at least one.
    pub on: O::List<ObjectChange>,
    /// The prefix of the object's key.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub prefix: Option<O::Text>,
    /// The suffix of the object's key.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub suffix: Option<O::Text>,
}

impl Copy for StorageTrigger {}

impl<O: Ownership> StorageTrigger<O> {
    /// Returns whether a change of the object with this key triggers the function. It is checked for each event, because some platforms
    /// cannot filter so precisely.
    ///
    /// ```
    /// use omnifn_spec::{ObjectChange, StorageTrigger};
    ///
    /// let trigger: StorageTrigger =
    ///     StorageTrigger { bucket: "uploads", on: &[ObjectChange::Created], prefix: None, suffix: Some(".jpg") };
    /// assert!(trigger.takes(ObjectChange::Created, "cat.jpg"));
    /// assert!(!trigger.takes(ObjectChange::Created, "cat.png"));
    /// assert!(!trigger.takes(ObjectChange::Deleted, "cat.jpg"));
    /// ```
    pub fn takes(&self, change: ObjectChange, key: &str) -> bool {
        self.on.as_ref().contains(&change)
            && self.prefix.as_ref().is_none_or(|prefix| key.starts_with(prefix.as_ref()))
            && self.suffix.as_ref().is_none_or(|suffix| key.ends_with(suffix.as_ref()))
    }
}

/// The kind of change of an object in a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize), serde(rename_all = "lowercase"))]
pub enum ObjectChange {
    /// The object was created or overwritten.
    Created,
    /// The object was deleted.
    Deleted,
    /// The object was moved to another storage class, or became an older version.
    Archived,
    /// The metadata of the object was changed, but not its contents.
    Updated,
}

impl ObjectChange {
    /// Returns the name of the change in `on(…)`.
    pub const fn name(self) -> &'static str {
        match self {
            ObjectChange::Created => "created",
            ObjectChange::Deleted => "deleted",
            ObjectChange::Archived => "archived",
            ObjectChange::Updated => "updated",
        }
    }

    /// All kinds of changes.
    pub const ALL: [ObjectChange; 4] =
        [ObjectChange::Created, ObjectChange::Deleted, ObjectChange::Archived, ObjectChange::Updated];
}

/// The name of a trigger is the field `source` beside its `kind`.
#[cfg(feature = "serde")]
mod named {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    struct Named<T> {
        source: T,
    }

    pub(super) fn serialize<T: Serialize, S: Serializer>(source: &T, serializer: S) -> Result<S::Ok, S::Error> {
        Named { source }.serialize(serializer)
    }

    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        Named::deserialize(deserializer).map(|named| named.source)
    }
}
