mod deploy;
mod methods;

use std::fmt;

pub use deploy::{Auth, Deploy, Grant, ResourceKind, Verb, Visibility};
pub use methods::Methods;

use crate::{
    Error, ErrorClass, ErrorKind, Event,
    event::{Class, Object, ObjectChange},
    note::json,
};

/// The declaration of a function in `#[function]`. It is known at compile time, and packaging needs nothing else.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The function's name: that of the fn, unless `name = "…"` gives another.
    pub name: &'static str,
    /// The trigger.
    pub trigger: Trigger,
    /// The options of the trigger's transport.
    pub options: Options,
    /// The options that only a deployment needs.
    pub deploy: Deploy,
    /// The resources that the function may use.
    pub grants: &'static [Grant],
    /// The secrets that it reads, by the names of their variables.
    pub secrets: &'static [&'static str],
    /// The function's place in the source.
    pub location: Location,
}

/// The trigger of a function.
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
    /// Direct invocations, whose whole payload is the function's input.
    Invoke,
}

/// The changes of objects that trigger a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageTrigger {
    /// The name of the bucket or container.
    pub bucket: &'static str,
    /// The kinds of changes, at least one.
    pub on: &'static [ObjectChange],
    /// The prefix of the object's key.
    pub prefix: Option<&'static str>,
    /// The suffix of the object's key.
    pub suffix: Option<&'static str>,
}

impl StorageTrigger {
    /// Returns whether a change triggers the function. It is checked for each event, because some platforms cannot filter so precisely.
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

/// The options of a trigger that a deployment needs. Each applies to the clouds that have such an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The largest number of records in one invocation.
    pub batch_size: Option<u32>,
    /// How long the platform waits until a batch is full, in seconds.
    pub batch_window: Option<u32>,
    /// How many records of a batch run at once in one instance ([`CONCURRENCY`](Options::CONCURRENCY) by default), or how many HTTP
    /// requests the platform sends to one instance at once.
    pub concurrency: Option<u32>,
    /// How often a record is tried before it is a dead letter.
    pub attempts: Option<u32>,
    /// The name of the queue or topic for dead letters.
    pub dead_letter: Option<&'static str>,
    /// The name of the setting that contains the connection string.
    pub connection: Option<&'static str>,
    /// The name of the subscription.
    pub subscription: Option<&'static str>,
    /// The consumer group.
    pub consumer_group: Option<&'static str>,
    /// The database that contains the table.
    pub database: Option<&'static str>,
    /// Where reading a stream begins: `latest` or `oldest`.
    pub start: Option<&'static str>,
    /// The time zone of a schedule, such as `Europe/Berlin`.
    pub time_zone: Option<&'static str>,
    /// The kind of service, if a cloud has several: `kafka`, `kinesis`, `service-bus`, `storage-queue`, ….
    pub service: Option<&'static str>,
    /// The source of the CloudEvents that the function takes; `None` is any source.
    pub source: Option<&'static str>,
}

impl Options {
    /// No options.
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

    /// How many records of a batch run at once by default.
    pub const CONCURRENCY: u32 = 10;
}

/// The requests that an HTTP function takes.
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
    /// The pattern, such as `/notes/{id}` or `/files/{*path}`; `None` is any path.
    pub path: Option<&'static str>,
}

/// Writes the route as lists of routes show it: `GET /notes/{id}`.
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
    /// The module, such as `notes::http`.
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
    /// Returns the HTTP routes, of which a function with another trigger has none.
    pub const fn routes(&self) -> &'static [Route] {
        match self.trigger {
            Trigger::Http(http) => http.routes,
            _ => &[],
        }
    }

    /// Returns the routes of a function that is known by its name: its own, or any path for one that is invoked.
    pub(crate) const fn routes_by_name(&self) -> &'static [Route] {
        match self.trigger {
            Trigger::Invoke => &[Route { methods: Methods::POST, path: None }],
            _ => self.routes(),
        }
    }

    /// Returns the class of the trigger.
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
            Trigger::Invoke => Class::Invoke,
        }
    }

    /// Returns the name in the trigger: of the queue, the bucket, the type of event; `None` for HTTP and `invoke`.
    pub const fn source(&self) -> Option<&'static str> {
        match self.trigger {
            Trigger::Http(_) | Trigger::Invoke => None,
            Trigger::Queue(name)
            | Trigger::Topic(name)
            | Trigger::Stream(name)
            | Trigger::Schedule(name)
            | Trigger::Event(name)
            | Trigger::Changes(name) => Some(name),
            Trigger::Storage(storage) => Some(storage.bucket),
        }
    }

    /// Checks that an event is of the source that the function declares (`source = "…"`), if it declares one. It is checked for each event,
    /// because some platforms filter by type alone, and anyone who may publish there can choose a type.
    ///
    /// # Errors
    /// The event is of another source, and can never be one for this function.
    pub fn check_source(&self, event: &Event) -> Result<(), Error> {
        match (self.options.source, event) {
            (Some(source), Event::Cloud(event)) if event.source != source => {
                let words = format!(
                    "an event of another source was received for the function `{}`, which takes those of {source:?}",
                    self.name
                );
                Err(Error::new(ErrorKind::Unsupported, words).with_class(ErrorClass::Reject))
            }
            _ => Ok(()),
        }
    }

    /// Returns the declaration as one line of JSON, as it is in the binary's note.
    ///
    /// ```
    /// use omnifn_core::{Deploy, Location, Options, Spec, Trigger};
    ///
    /// const SETTLE: Spec = Spec {
    ///     name: "settle",
    ///     trigger: Trigger::Queue("orders"),
    ///     options: Options::NONE,
    ///     deploy: Deploy::NONE,
    ///     grants: &[],
    ///     secrets: &["PAYMENT_KEY"],
    ///     location: Location { module: "shop", file: "src/main.rs", line: 3 },
    /// };
    /// let json = SETTLE.to_json();
    /// assert!(json.starts_with(r#"{"v":1,"name":"settle","trigger":{"kind":"queue","source":"orders"}"#), "{json}");
    /// ```
    pub fn to_json(&self) -> String {
        json::text(json::spec_length(self), |buffer| json::write_spec(self, buffer))
    }
}
