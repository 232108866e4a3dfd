use bytes::Bytes;

use crate::{Error, ErrorClass, Invocation, Spec, TraceContext, event::Event};

/// Events that the platform delivered at once, for one function: one, or a batch.
#[derive(Debug)]
pub struct Delivery {
    /// The function that they are for.
    pub function: &'static Spec,
    /// The events, in the order in which they came. There may be none: that is a success.
    pub records: Vec<Record>,
    /// What the provider says of the invocation itself.
    pub invocation: Invocation,
}

/// One event of a [`Delivery`].
#[derive(Debug)]
pub struct Record {
    /// The event; or why it cannot be read, which is a failure of this record, never an acknowledgement.
    pub event: Result<Event, Error>,
    /// What logs call it, where the event has no id of its own.
    pub id: Option<String>,
    /// Records of one group run one after another, in order, and stop at the first failure. Those without run side by side.
    pub group: Option<String>,
    /// The trace that the sender wrote beside it.
    pub trace: Option<TraceContext>,
    /// The record as the provider sent it, where that is not the whole event.
    pub raw: Option<Bytes>,
}

impl Record {
    /// A record without an order.
    pub fn new(event: Result<Event, Error>) -> Self {
        Record { event, id: None, group: None, trace: None, raw: None }
    }
}

/// What became of one [`Record`].
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The function took it.
    Done,
    /// The function's trigger does not take it (its key, or what became of it, is not what the trigger names), so the function did
    /// not see it. That is as good as done.
    Filtered,
    /// The function failed, or the record could not be read. The error's class says what is to become of it.
    Failed(Error),
    /// It was not begun: a record before it, in its group, failed, or there was no time left. It is delivered again.
    NotBegun,
}

impl Outcome {
    /// Whether the platform is to take it as done: it succeeded, or the function said that it is to be discarded.
    ///
    /// ```
    /// use omnifn_core::{Error, Outcome};
    ///
    /// assert!(Outcome::Failed(Error::discard("seen before")).is_acknowledged());
    /// assert!(!Outcome::Failed(Error::reject("no product")).is_acknowledged());
    /// ```
    pub fn is_acknowledged(&self) -> bool {
        match self {
            Outcome::Done | Outcome::Filtered => true,
            Outcome::Failed(error) => error.class() == ErrorClass::Discard,
            Outcome::NotBegun => false,
        }
    }

    /// The error, where there is one.
    pub fn error(&self) -> Option<&Error> {
        match self {
            Outcome::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl From<Result<(), Error>> for Outcome {
    fn from(result: Result<(), Error>) -> Self {
        result.map_or_else(Outcome::Failed, |()| Outcome::Done)
    }
}
