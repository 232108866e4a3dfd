//! Idempotency: each event takes effect once, however often it is delivered. A store remembers which events are done.
//!
//! Every platform delivers some events twice. A function whose second run does harm (a charge, a mail) can run each key once:
//!
//! ```
//! use omnifn::{idempotency::Idempotency, prelude::*};
//!
//! #[function(queue = "orders")]
//! async fn settle(order: Message<String>, ctx: Context, State(once): State<Idempotency>) -> Result<()> {
//!     // The body is the number of an order, which is charged once, whatever message it is in.
//!     once.run(&ctx, &order.body, async { charge(&order.body).await }).await?;
//!     Ok(())
//! }
//!
//! async fn charge(_: &str) -> Result<()> {
//!     Ok(())
//! }
//! # let _ = omnifn::app!(settle).state(Idempotency::in_memory());
//! ```
//!
//! or can have a layer that uses the sources and ids of its events: `App::event_layer("settle", Idempotency::in_memory())`.
//!
//! - A key belongs to a function. The layer's keys also contain the event's source: events of two sources that have the same id are two
//!   events, as CloudEvents defines it.
//! - A key that is done is not run again, for a day by default.
//! - A key that another invocation is running is an error of the class retry: the event is delivered again.
//! - A run that fails or panics releases its key. The key of a cancelled run is released when its lease expires: at the invocation's
//!   deadline, or after 15 minutes if there is none.

mod layer;
mod memory;
#[cfg(feature = "object-store")]
mod object;

use std::{
    fmt,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::FutureExt;
use omnifn_core::{Context, Error, ErrorKind, Event};
use sha2::{Digest as _, Sha256};

pub use layer::OnceService;
pub use memory::InMemory;
#[cfg(feature = "object-store")]
pub use object::InBucket;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A store that remembers which keys are done. Of several runs that begin a key at the same time, it admits one.
///
/// The keys that [`Idempotency`] uses are the function's name, `/`, and a SHA-256 in hexadecimal digits, whatever the event's id is: at
/// most 128 characters that are safe in names of objects and in keys of databases.
pub trait Store: Send + Sync + 'static {
    /// Begins a key, unless it is done or running. The run that begins it has it until `lease`.
    fn begin<'a>(&'a self, key: &'a str, now: SystemTime, lease: SystemTime) -> BoxFuture<'a, Result<Begin, Error>>;

    /// Records that a key is done, to be remembered until the given time.
    fn finish<'a>(&'a self, key: &'a str, ticket: &'a Ticket, until: SystemTime) -> BoxFuture<'a, Result<(), Error>>;

    /// Records that the run has failed, and releases the key.
    fn release<'a>(&'a self, key: &'a str, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), Error>>;
}

/// The result of beginning a key in a [`Store`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// The run may start.
    Started(Ticket),
    /// The key is done.
    Done,
    /// Another run has the key.
    Running,
}

/// The proof that a run has a key. A run that begins the key after the lease expired has another ticket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket(pub String);

/// Runs each key once.
#[derive(Clone)]
pub struct Idempotency {
    store: Arc<dyn Store>,
    /// The closure that computes the key of an event; `None` if the key is the event's source and id.
    key: Option<Arc<KeyOf>>,
    remember: Duration,
    lease: Duration,
}

type KeyOf = dyn Fn(&Event) -> Option<String> + Send + Sync;

/// The longest time that a key is remembered or leased: 1000 years. Every store can write a time that is not further away.
const FOREVER: Duration = Duration::from_secs(1000 * 366 * 24 * 60 * 60);

/// How long a key is remembered by default.
const REMEMBER: Duration = Duration::from_secs(24 * 60 * 60);

/// How long a run may take by default, if it has no deadline.
const LEASE: Duration = Duration::from_secs(15 * 60);

impl Idempotency {
    /// Remembers keys in a store.
    pub fn new(store: impl Store) -> Self {
        Idempotency { store: Arc::new(store), key: None, remember: REMEMBER, lease: LEASE }
    }

    /// Remembers keys in this process, and the last [`InMemory::LIMIT`] of them at most: for tests, and for a program with a single
    /// instance.
    pub fn in_memory() -> Self {
        Idempotency::new(InMemory::default())
    }

    /// Sets the key of an event for the layer, instead of its source and id.
    ///
    /// ```
    /// use omnifn::{event::Event, idempotency::Idempotency};
    ///
    /// let by_key = Idempotency::in_memory().with_key(|event| match event {
    ///     Event::Message(message) => message.key.clone(),
    ///     _ => None,
    /// });
    /// ```
    pub fn with_key(mut self, key: impl Fn(&Event) -> Option<String> + Send + Sync + 'static) -> Self {
        self.key = Some(Arc::new(key));
        self
    }

    /// Sets how long keys are remembered, which must be longer than the platform redelivers an event.
    pub fn remember_for(mut self, time: Duration) -> Self {
        self.remember = time;
        self
    }

    /// Sets how long a run may take at most, if the invocation has no deadline.
    pub fn with_lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// Runs a future for a key, unless the key is done; then the result is `None`.
    ///
    /// # Errors
    /// The error is the future's own, one of the class retry if another run has the key, or that of the store.
    pub async fn run<T, E: Into<Error>>(
        &self,
        ctx: &Context,
        key: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<Option<T>, Error> {
        self.run_key(ctx, &stored_key(ctx, None, key), work).await
    }

    async fn run_key<T, E: Into<Error>>(
        &self,
        ctx: &Context,
        key: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<Option<T>, Error> {
        let now = ctx.now();
        let lease = ctx.deadline().unwrap_or_else(|| after(now, self.lease));
        let ticket = match self.store.begin(key, now, lease).await? {
            Begin::Started(ticket) => ticket,
            Begin::Done => return Ok(None),
            Begin::Running => return Err(Error::retry("another invocation with the same key is in progress")),
        };
        let ended = AssertUnwindSafe(work).catch_unwind().await;
        match ended {
            Ok(Ok(done)) => {
                self.store.finish(key, &ticket, after(ctx.now(), self.remember)).await?;
                Ok(Some(done))
            }
            Ok(Err(error)) => {
                let error = error.into();
                // If that fails, the key is released when the lease expires.
                let _ = self.store.release(key, &ticket).await;
                Err(error)
            }
            Err(panic) => {
                let _ = self.store.release(key, &ticket).await;
                std::panic::resume_unwind(panic)
            }
        }
    }

    /// Returns the key of an event, as it is stored.
    fn key_of(&self, ctx: &Context, event: &Event) -> Result<String, Error> {
        let (source, key) = match &self.key {
            Some(key) => (None, key(event)),
            None => (Some(source(event)), event.id().map(str::to_owned)),
        };
        key.map(|key| stored_key(ctx, source, &key)).ok_or_else(|| {
            let words = format!("received {} without an id, which idempotency requires", event.what());
            Error::new(ErrorKind::Decode, words)
        })
    }
}

/// Returns the name of the source of an event. Its ids are unique within that source.
fn source(event: &Event) -> &str {
    match event {
        Event::Message(message) => message.source.as_deref(),
        Event::Object(object) => object.source.as_deref(),
        Event::Tick(tick) => tick.source.as_deref(),
        Event::Cloud(event) => Some(event.source.as_str()),
        Event::Change(change) => change.source.as_deref(),
        _ => None,
    }
    .unwrap_or_default()
}

/// Returns the key for a store. It contains the name of the function, so that the keys of two functions that share a store are separate.
/// Each part is preceded by its length, so that two lists of parts are never the same bytes.
fn stored_key(ctx: &Context, source: Option<&str>, key: &str) -> String {
    let function = ctx.function_name();
    let mut digest = Sha256::new();
    for part in [Some(function), source, Some(key)] {
        match part {
            Some(part) => {
                digest.update([1]);
                digest.update((part.len() as u64).to_be_bytes());
                digest.update(part);
            }
            None => digest.update([0]),
        }
    }
    format!("{function}/{}", hex::encode(digest.finalize()))
}

/// Returns a time after another one, at most [`FOREVER`] later.
fn after(time: SystemTime, duration: Duration) -> SystemTime {
    time.checked_add(duration.min(FOREVER)).unwrap_or(time)
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idempotency")
            .field("remember", &self.remember)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
