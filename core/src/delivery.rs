use std::fmt;

use bytes::Bytes;

use crate::{Error, ErrorClass, Invocation, Options, Spec, TraceContext, event::Event};

/// An event, or a batch of events, that the platform delivers to one function.
#[derive(Debug)]
pub struct Delivery {
    /// The function that the events are for.
    pub function: &'static Spec,
    /// The events, in the order in which they were received. An empty delivery is a success.
    pub records: Vec<Record>,
    /// The events after those, which are decoded when these are done.
    pub rest: Rest,
    /// The data that the provider sends about the invocation itself.
    pub invocation: Invocation,
}

impl Delivery {
    /// The most records of a delivery. No service of a platform sends more at once: `docs/production.md` lists the largest batches, and where
    /// their sizes are documented.
    pub const RECORDS: usize = 10_000;

    /// Creates a delivery whose records are decoded as they are needed, so that a delivery of many records takes little memory.
    pub fn new(
        function: &'static Spec,
        records: impl IntoIterator<Item = Record, IntoIter: Send + 'static>,
        invocation: Invocation,
    ) -> Self {
        let mut rest = Rest(Some(Box::new(records.into_iter())));
        Delivery { function, records: rest.next_records(function), rest, invocation }
    }
}

/// The records of a [`Delivery`] that are not decoded yet.
#[derive(Default)]
pub struct Rest(Option<Box<dyn Iterator<Item = Record> + Send>>);

impl Rest {
    /// The most records that are decoded at once, unless the function runs more of them concurrently.
    const RECORDS: usize = 256;
    /// The largest size of the records that are decoded at once, in bytes, unless the function runs more of them concurrently.
    const SIZE: usize = 128 * 1024;

    /// Returns whether there are no further records.
    pub fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// Decodes the next records. Returns an empty list if there are no more.
    pub fn next_records(&mut self, function: &Spec) -> Vec<Record> {
        let at_once = function.options.concurrency.unwrap_or(Options::CONCURRENCY).max(Options::CONCURRENCY) as usize;
        let (mut next, mut size) = (Vec::new(), 0_usize);
        for record in self.by_ref() {
            size = size.saturating_add(record.size());
            next.push(record);
            if next.len() >= at_once && (next.len() >= Rest::RECORDS || size >= Rest::SIZE) {
                break;
            }
        }
        next
    }
}

impl Iterator for Rest {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        let next = self.0.as_mut()?.next();
        if next.is_none() {
            self.0 = None;
        }
        next
    }
}

impl fmt::Debug for Rest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rest").field("is_empty", &self.is_empty()).finish()
    }
}

/// An event of a [`Delivery`].
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

    /// Returns about how much memory the record takes, in bytes.
    fn size(&self) -> usize {
        /// A name and a value of a map, on the heap.
        const PAIR: usize = 128;
        let (pairs, data) = match &self.event {
            Ok(Event::Message(message)) => (message.attributes.len(), message.body.len()),
            Ok(Event::Object(object)) => (object.metadata.len(), 0),
            Ok(Event::Cloud(event)) => (event.extensions.len(), event.data.len()),
            Ok(Event::Change(_) | Event::Tick(_)) | Err(_) => (0, 0),
        };
        let raw = self.raw.as_ref().map_or(data, Bytes::len);
        size_of::<Record>().saturating_add(pairs.saturating_mul(PAIR)).saturating_add(raw)
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
    NotStarted,
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
            Outcome::NotStarted => false,
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
