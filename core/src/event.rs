//! Events: one common type for each kind of trigger.

mod batch;
mod change;
mod cloud;
mod content;
mod message;
mod object;
mod tick;
pub mod time;

use bytes::Bytes;

use crate::{Error, ErrorClass, ErrorKind, Spec};

pub use batch::Batch;
pub use change::{Change, ChangeKind, Json};
pub use cloud::CloudEvent;
pub use message::Message;
pub use object::Object;
pub use omnifn_spec::{Class, ObjectChange};
pub use tick::Tick;

/// An event, in the common type of its trigger. Its content is not decoded yet, because the function declares the type.
///
/// The variants are boxed, because a batch has many events, and each is moved many times.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A message of a queue, a topic or a stream.
    Message(Box<Message<Bytes>>),
    /// A change of an object in a bucket.
    Object(Box<Object>),
    /// The time of a schedule.
    Tick(Box<Tick>),
    /// A CloudEvent, or an equivalent event.
    Cloud(Box<CloudEvent<Bytes>>),
    /// A change of a row, an item or a document.
    Change(Box<Change<Json>>),
}

impl Event {
    /// Checks that the event is of the source that a function declares (`source = "…"`), if it declares one. It is checked for each event,
    /// because some platforms filter by type alone, and anyone who may publish there can choose a type.
    ///
    /// # Errors
    /// The event is of another source, and can never be one for this function.
    pub fn check_source(&self, function: &Spec) -> Result<(), Error> {
        match (function.options.source, self) {
            (Some(source), Event::Cloud(event)) if event.source != source => {
                let words = format!(
                    "an event of another source was received for the function `{}`, which takes those of {source:?}",
                    function.name
                );
                Err(Error::new(ErrorKind::Unsupported, words).with_class(ErrorClass::Reject))
            }
            _ => Ok(()),
        }
    }
}

impl From<Message> for Event {
    fn from(message: Message) -> Self {
        Event::Message(Box::new(message))
    }
}

impl From<Object> for Event {
    fn from(object: Object) -> Self {
        Event::Object(Box::new(object))
    }
}

impl From<Tick> for Event {
    fn from(tick: Tick) -> Self {
        Event::Tick(Box::new(tick))
    }
}

impl From<CloudEvent> for Event {
    fn from(event: CloudEvent) -> Self {
        Event::Cloud(Box::new(event))
    }
}

impl From<Change> for Event {
    fn from(change: Change) -> Self {
        Event::Change(Box::new(change.into()))
    }
}

impl From<Change<Json>> for Event {
    fn from(change: Change<Json>) -> Self {
        Event::Change(Box::new(change))
    }
}

impl Event {
    /// Returns the event's own id, if it has one.
    pub fn id(&self) -> Option<&str> {
        match self {
            Event::Message(message) => message.id.as_deref(),
            Event::Object(object) => object.id.as_deref(),
            Event::Tick(tick) => tick.id.as_deref(),
            Event::Cloud(event) => Some(&event.id),
            Event::Change(change) => change.id.as_deref(),
        }
    }

    /// Describes the event, for errors.
    pub fn what(&self) -> &'static str {
        match self {
            Event::Message(_) => "a message",
            Event::Object(_) => "a change of an object",
            Event::Tick(_) => "a tick of a schedule",
            Event::Cloud(_) => "a CloudEvent",
            Event::Change(_) => "a change of a record",
        }
    }
}
