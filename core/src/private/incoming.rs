//! The arguments of an event function.

use std::any::Any;

use serde::de::DeserializeOwned;

use crate::{
    Context, Error, ErrorKind, Event, Outcome, Record,
    event::{Batch, Change, CloudEvent, Message, Object, Tick},
    extract::State,
    private::batch::{Records, Returned},
};

/// An event, or all records of a delivery, from which a function's arguments are read.
#[derive(Debug)]
pub struct Incoming {
    event: Option<Event>,
    batch: Option<Box<Records>>,
    context: Context,
}

impl Incoming {
    pub fn new(event: Event, context: Context) -> Self {
        Incoming { event: Some(event), batch: None, context }
    }

    pub fn batch(records: Vec<Record>, context: Context) -> Self {
        Incoming { event: None, batch: Some(Box::new(Records::new(records))), context }
    }

    /// Returns the outcome of each record.
    pub fn outcomes(self, returned: Returned) -> Result<Vec<Outcome>, Error> {
        let Some(batch) = self.batch else { return returned.map(|_| Vec::new()) };
        batch.outcomes(returned)
    }

    fn event(&mut self) -> Result<Event, Error> {
        self.event.take().ok_or_else(|| Error::new(ErrorKind::Config, "two arguments take the event"))
    }
}

/// The classes of triggers as types, so that the compiler checks which argument belongs to which class.
pub mod class {
    #[derive(Debug)]
    pub struct Queue;
    #[derive(Debug)]
    pub struct Topic;
    #[derive(Debug)]
    pub struct Stream;
    #[derive(Debug)]
    pub struct Storage;
    #[derive(Debug)]
    pub struct Schedule;
    #[derive(Debug)]
    pub struct Event;
    #[derive(Debug)]
    pub struct Changes;
}

/// An argument of a function whose trigger is of the class `C`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid argument of a function with this trigger",
    label = "not an argument of this function",
    note = "`queue`, `topic` and `stream` go with `Message<T>`, `storage` with `Object`, `schedule` with `Tick`, `event` with \
            `CloudEvent<T>`, `changes` with `Change<T>`; the other arguments are `Context` and `State<T>`",
    note = "`Batch<Message<T>>`, `Batch<Object>`, `Batch<CloudEvent<T>>` or `Batch<Change<T>>` takes all records of a delivery at once",
    note = "`T` is any type that implements `serde::Deserialize`, `String` or `Bytes`"
)]
pub trait FromIncoming<C>: Sized {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error>;
}

fn other(received: &Event) -> Error {
    Error::new(ErrorKind::Unsupported, format!("received {}, which this function does not take", received.what()))
}

fn message<T: DeserializeOwned + Any>(incoming: &mut Incoming) -> Result<Message<T>, Error> {
    match incoming.event()? {
        Event::Message(message) => (*message).read(),
        received => Err(other(&received)),
    }
}

impl<T: DeserializeOwned + Any> FromIncoming<class::Queue> for Message<T> {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        message(incoming)
    }
}

impl<T: DeserializeOwned + Any> FromIncoming<class::Topic> for Message<T> {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        message(incoming)
    }
}

impl<T: DeserializeOwned + Any> FromIncoming<class::Stream> for Message<T> {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        message(incoming)
    }
}

impl FromIncoming<class::Storage> for Object {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        match incoming.event()? {
            Event::Object(object) => Ok(*object),
            received => Err(other(&received)),
        }
    }
}

impl FromIncoming<class::Schedule> for Tick {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        match incoming.event()? {
            Event::Tick(tick) => Ok(Tick { now: Some(incoming.context.now()), ..*tick }),
            received => Err(other(&received)),
        }
    }
}

impl<T: DeserializeOwned + Any> FromIncoming<class::Event> for CloudEvent<T> {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        match incoming.event()? {
            Event::Cloud(event) => (*event).read(),
            received => Err(other(&received)),
        }
    }
}

impl<T: DeserializeOwned + Any> FromIncoming<class::Changes> for Change<T> {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        match incoming.event()? {
            Event::Change(change) => (*change).read(),
            received => Err(other(&received)),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<C, T: FromIncoming<C>> FromIncoming<C> for Batch<T> {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        let Incoming { batch, context, .. } = incoming;
        match batch {
            Some(records) => records.take(context),
            None => T::from_incoming(incoming).map(|event| Batch::from(vec![event])),
        }
    }
}

impl<C> FromIncoming<C> for Context {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        Ok(incoming.context.clone())
    }
}

#[diagnostic::do_not_recommend]
impl<C, T: Any + Clone + Send + Sync> FromIncoming<C> for State<T> {
    fn from_incoming(incoming: &mut Incoming) -> Result<Self, Error> {
        incoming.context.state().map(State)
    }
}

/// Reads an argument.
pub fn argument<C, T: FromIncoming<C>>(incoming: &mut Incoming) -> Result<T, Error> {
    T::from_incoming(incoming)
}
