use bytes::Bytes;

use crate::{Error, ErrorClass, Invocation, Spec, TraceContext, event::Event};

/// One event or a batch that the platform delivers to one function.
#[derive(Debug)]
pub struct Delivery {
    /// The function that the events are for.
    pub function: &'static Spec,
    /// The events, in the order in which they were received. An empty delivery is a success.
    pub records: Vec<Record>,
    /// The data that the provider sends about the invocation itself.
    pub invocation: Invocation,
}

/// One event of a [`Delivery`].
#[derive(Debug)]
pub struct Record {
    /// The event, or the reason why it cannot be decoded, which is a failure of this record and never an acknowledgement.
    pub event: Result<Event, Error>,
    /// The id of the record for logs, if the event has no id of its own.
    pub id: Option<String>,
    /// The group of the record. Records of one group run in order, and stop at the first failure; those without one run concurrently.
    pub group: Option<String>,
    /// The trace of the sender, if the record has it.
    pub trace: Option<TraceContext>,
    /// The record as the provider sent it, if that is not the whole event.
    pub raw: Option<Bytes>,
    /// A warning for the log about the record, such as what was left out of the event. It quotes nothing of the payload.
    pub warning: Option<String>,
}

impl Record {
    /// Creates a record without a group.
    pub fn new(event: Result<Event, Error>) -> Self {
        Record { event, id: None, group: None, trace: None, raw: None, warning: None }
    }
}

/// The outcome of one [`Record`].
#[derive(Debug, Clone)]
pub enum Outcome {
    /// The function succeeded.
    Done,
    /// The function's trigger filters the record out by the object's key or the kind of change, so the function did
    /// not run. The record is acknowledged.
    Filtered,
    /// The function failed, or the record could not be decoded. The error's class decides what happens to the record.
    Failed(Error),
    /// The record was not started, because an earlier one of its group failed or no time was left. It is delivered again.
    NotBegun,
}

impl Outcome {
    /// Returns whether the record is to be acknowledged: the function succeeded or discarded it, or the trigger filtered it out.
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

    /// Returns the error of a failed record.
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
