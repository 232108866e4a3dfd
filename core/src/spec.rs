use std::fmt;

use http::Method;

use crate::event::{Class, Object, ObjectChange};

/// What `#[function]` says of a function: known at compile time, and all that packaging needs.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The function's name: that of the fn, unless `name = "…"` gives another.
    pub name: &'static str,
    /// What starts it.
    pub trigger: Trigger,
    /// What a deployment has to know beside it.
    pub options: Options,
    /// Where it stands in the source.
    pub location: Location,
}

/// What starts a function.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Trigger {
    /// HTTP requests.
    Http(HttpTrigger),
    /// Messages of the queue of this name.
    Queue(&'static str),
    /// Messages of the topic of this name.
    Topic(&'static str),
    /// Messages of the stream of this name.
    Stream(&'static str),
    /// Changes of objects in a bucket.
    Storage(StorageTrigger),
    /// The times of a schedule: cron, in five fields.
    Schedule(&'static str),
    /// CloudEvents of this type.
    Event(&'static str),
    /// Changes of the records of the table of this name.
    Changes(&'static str),
}

/// The changes that start a function of storage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageTrigger {
    /// The name of the bucket or container.
    pub bucket: &'static str,
    /// Which changes, at least one.
    pub on: &'static [ObjectChange],
    /// What the object's key begins with.
    pub prefix: Option<&'static str>,
    /// What the object's key ends with.
    pub suffix: Option<&'static str>,
}

impl StorageTrigger {
    /// Whether an object's change starts the function. Some platforms cannot choose so finely, so it is asked for each.
    ///
    /// ```
    /// use omnifn_core::{StorageTrigger, event::{Object, ObjectChange}};
    ///
    /// let trigger = StorageTrigger { bucket: "uploads", on: &[ObjectChange::Created], prefix: None, suffix: Some(".jpg") };
    /// assert!(trigger.takes(&Object::created("uploads", "cat.jpg")));
    /// assert!(!trigger.takes(&Object::created("uploads", "cat.png")));
    /// assert!(!trigger.takes(&Object::deleted("uploads", "cat.jpg")));
    /// ```
    pub fn takes(&self, object: &Object) -> bool {
        self.on.contains(&object.change)
            && self.prefix.is_none_or(|prefix| object.key.starts_with(prefix))
            && self.suffix.is_none_or(|suffix| object.key.ends_with(suffix))
    }
}

/// What a deployment has to know of a trigger, and no event says: each where a cloud has such a thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// How many records one invocation gets at most.
    pub batch_size: Option<u32>,
    /// How long the platform waits for a batch to be full, in seconds.
    pub batch_window: Option<u32>,
    /// How many records of a batch run at once; without it, [`CONCURRENCY`](Options::CONCURRENCY).
    pub concurrency: Option<u32>,
    /// How often a record is tried before it is a dead letter.
    pub attempts: Option<u32>,
    /// Where dead letters go: the name of a queue or topic.
    pub dead_letter: Option<&'static str>,
    /// The name of the setting that holds the connection string.
    pub connection: Option<&'static str>,
    /// The name of the subscription.
    pub subscription: Option<&'static str>,
    /// The consumer group.
    pub consumer_group: Option<&'static str>,
    /// The database that holds the table.
    pub database: Option<&'static str>,
    /// Where a stream is read from at first: `latest` or `oldest`.
    pub start: Option<&'static str>,
    /// The time zone of a schedule, as `Europe/Berlin`.
    pub time_zone: Option<&'static str>,
    /// What kind of service carries it, where a cloud has several: `kafka`, `kinesis`, `service-bus`, `storage-queue`, ….
    pub service: Option<&'static str>,
}

impl Options {
    /// None at all.
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
    };

    /// How many records of a batch run at once, where nothing else is said.
    pub const CONCURRENCY: u32 = 10;
}

/// The requests that start an HTTP function.
#[derive(Debug, Clone, Copy)]
pub struct HttpTrigger {
    /// Each path with its methods, at least one.
    pub routes: &'static [Route],
}

/// A path pattern and the methods that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The methods.
    pub methods: Methods,
    /// The pattern, as `/notes/{id}` or `/files/{*path}`; `None` is any path.
    pub path: Option<&'static str>,
}

/// As a list of routes shows it: `GET /notes/{id}`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.path, self.methods) {
            (None, Methods::ANY) => f.write_str("any method, any path"),
            (None, methods) => write!(f, "{methods} any path"),
            (Some(path), methods) => write!(f, "{methods} {path}"),
        }
    }
}

/// A place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The module, as `notes::http`.
    pub module: &'static str,
    /// The file, as the compiler names it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Spec {
    /// The HTTP routes; none for a function with another trigger.
    pub const fn routes(&self) -> &'static [Route] {
        match self.trigger {
            Trigger::Http(http) => http.routes,
            _ => &[],
        }
    }

    /// The class of the trigger.
    pub const fn class(&self) -> Class {
        match self.trigger {
            Trigger::Http(_) => Class::Http,
            Trigger::Queue(_) => Class::Queue,
            Trigger::Topic(_) => Class::Topic,
            Trigger::Stream(_) => Class::Stream,
            Trigger::Storage(_) => Class::Storage,
            Trigger::Schedule(_) => Class::Schedule,
            Trigger::Event(_) => Class::Event,
            Trigger::Changes(_) => Class::Changes,
        }
    }

    /// What the trigger names: the queue, the bucket, the type of event. None for HTTP.
    pub const fn source(&self) -> Option<&'static str> {
        match self.trigger {
            Trigger::Http(_) => None,
            Trigger::Queue(name)
            | Trigger::Topic(name)
            | Trigger::Stream(name)
            | Trigger::Schedule(name)
            | Trigger::Event(name)
            | Trigger::Changes(name) => Some(name),
            Trigger::Storage(storage) => Some(storage.bucket),
        }
    }
}

/// A set of HTTP methods.
///
/// ```
/// use omnifn_core::Methods;
///
/// const READ: Methods = Methods::GET.and(Methods::HEAD);
/// assert!(READ.contains(&http::Method::GET));
/// assert_eq!(READ.to_string(), "GET, HEAD");
/// assert!(Methods::ANY.contains(&http::Method::from_bytes(b"PURGE").unwrap()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Methods(u16);

const NAMED: [(Methods, Method); 7] = [
    (Methods::GET, Method::GET),
    (Methods::HEAD, Method::HEAD),
    (Methods::POST, Method::POST),
    (Methods::PUT, Method::PUT),
    (Methods::PATCH, Method::PATCH),
    (Methods::DELETE, Method::DELETE),
    (Methods::OPTIONS, Method::OPTIONS),
];

impl Methods {
    /// None at all.
    pub const NONE: Methods = Methods(0);
    /// `GET`, which also answers `HEAD` where no other function does.
    pub const GET: Methods = Methods(1);
    /// `HEAD`.
    pub const HEAD: Methods = Methods(1 << 1);
    /// `POST`.
    pub const POST: Methods = Methods(1 << 2);
    /// `PUT`.
    pub const PUT: Methods = Methods(1 << 3);
    /// `PATCH`.
    pub const PATCH: Methods = Methods(1 << 4);
    /// `DELETE`.
    pub const DELETE: Methods = Methods(1 << 5);
    /// `OPTIONS`.
    pub const OPTIONS: Methods = Methods(1 << 6);
    /// Every method, also those without a name here.
    pub const ANY: Methods = Methods(u16::MAX);

    /// These methods and those.
    pub const fn and(self, other: Methods) -> Methods {
        Methods(self.0 | other.0)
    }

    /// Whether the two sets share a method.
    pub const fn overlap(self, other: Methods) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether two functions with one path and these methods are one too many: they share a method. Every method beside a
    /// named one is allowed, for the named one goes first.
    pub const fn collide(self, other: Methods) -> bool {
        match (self.is_any(), other.is_any()) {
            (true, true) => true,
            (false, false) => self.overlap(other),
            _ => false,
        }
    }

    /// Whether it is every method.
    pub const fn is_any(self) -> bool {
        self.0 == Methods::ANY.0
    }

    /// Whether the method is in the set.
    pub fn contains(self, method: &Method) -> bool {
        self.is_any() || NAMED.iter().any(|(set, named)| named == method && self.overlap(*set))
    }

    /// The methods of the set that have a name here, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Method> {
        NAMED.into_iter().filter(move |(set, _)| self.overlap(*set)).map(|(_, method)| method)
    }
}

/// The names, separated by comma and space, as in an `Allow` header; `ANY` for every method.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("ANY");
        }
        for (i, method) in self.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { ", " })?;
            f.write_str(method.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Methods({self})")
    }
}
