//! Each event once, however often it is delivered: a store remembers what was done.
//!
//! Every platform delivers some events twice. A function whose second run does harm (a charge, a mail) runs each key once:
//!
//! ```
//! use omnifn::{idempotency::Idempotency, prelude::*};
//!
//! #[function(queue = "orders")]
//! async fn settle(order: Message<String>, ctx: Context, State(once): State<Idempotency>) -> Result<()> {
//!     let key = order.id.as_deref().ok_or_else(|| Error::reject("this order has no id"))?;
//!     once.run(&ctx, key, async { charge(&order.body).await }).await?;
//!     Ok(())
//! }
//!
//! async fn charge(_: &str) -> Result<()> {
//!     Ok(())
//! }
//! # let _ = omnifn::app!(settle).state(Idempotency::in_memory());
//! ```
//!
//! or has a layer of it, by the ids of its events: `App::event_layer("settle", Idempotency::in_memory())`.
//!
//! - A key that is done is not run again, for a day unless set.
//! - A key that another invocation runs is an error of the class retry: the event comes again.
//! - A run that fails, or panics, frees its key. One that is cut off frees it when its lease is over: at the invocation's deadline,
//!   or where there is none after 15 minutes.

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

pub use layer::OnceService;
pub use memory::InMemory;
#[cfg(feature = "object-store")]
pub use object::InBucket;

type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Where it is remembered what was done. Of several who begin one key at once, it lets one begin.
pub trait Store: Send + Sync + 'static {
    /// Begins a key, unless it is done or runs: for who begins, it runs until `lease`.
    fn begin<'a>(&'a self, key: &'a str, now: SystemTime, lease: SystemTime) -> BoxFuture<'a, Result<Begin, Error>>;

    /// Says that what was begun is done, and is to be remembered until then.
    fn finish<'a>(&'a self, key: &'a str, ticket: &'a Ticket, until: SystemTime) -> BoxFuture<'a, Result<(), Error>>;

    /// Says that what was begun has failed: the key is free.
    fn release<'a>(&'a self, key: &'a str, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), Error>>;
}

/// What a [`Store`] says of a key that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// It has begun.
    Begun(Ticket),
    /// It is done.
    Done,
    /// It runs.
    Running,
}

/// What proves that a key was begun here: who comes later, when the lease was over, has another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket(pub String);

/// Runs each key once.
#[derive(Clone)]
pub struct Idempotency {
    store: Arc<dyn Store>,
    key: Arc<KeyOf>,
    remember: Duration,
    lease: Duration,
}

type KeyOf = dyn Fn(&Event) -> Option<String> + Send + Sync;

/// What is done is remembered so long, unless set.
const REMEMBER: Duration = Duration::from_secs(24 * 60 * 60);

/// What has begun runs so long at most, where no deadline is known, unless set.
const LEASE: Duration = Duration::from_secs(15 * 60);

impl Idempotency {
    /// Remembers in a store.
    pub fn new(store: impl Store) -> Self {
        let key = Arc::new(|event: &Event| event.id().map(str::to_owned));
        Idempotency { store: Arc::new(store), key, remember: REMEMBER, lease: LEASE }
    }

    /// Remembers in this process: for tests, and for a program of which there is one.
    pub fn in_memory() -> Self {
        Idempotency::new(InMemory::default())
    }

    /// As a layer, takes another key of an event than its id.
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
        self.key = Arc::new(key);
        self
    }

    /// Remembers what is done for this long: longer than the platform delivers an event again.
    pub fn remember_for(mut self, time: Duration) -> Self {
        self.remember = time;
        self
    }

    /// Lets what has begun run for this long at most, where the invocation has no deadline.
    pub fn with_lease(mut self, time: Duration) -> Self {
        self.lease = time;
        self
    }

    /// Runs what a key stands for, unless that is done: `None` then.
    ///
    /// # Errors
    /// Its own; an error of the class retry where it runs elsewhere; or that of the store.
    pub async fn run<T, E: Into<Error>>(
        &self,
        ctx: &Context,
        key: &str,
        work: impl Future<Output = Result<T, E>>,
    ) -> Result<Option<T>, Error> {
        let now = ctx.now();
        let lease = ctx.deadline().unwrap_or(now + self.lease);
        // Two functions of one store are not in each other's way.
        let key = format!("{}/{key}", ctx.function_name());
        let ticket = match self.store.begin(&key, now, lease).await? {
            Begin::Begun(ticket) => ticket,
            Begin::Done => return Ok(None),
            Begin::Running => return Err(Error::retry("another invocation of the same key runs")),
        };
        let ended = AssertUnwindSafe(work).catch_unwind().await;
        match ended {
            Ok(Ok(done)) => {
                self.store.finish(&key, &ticket, ctx.now() + self.remember).await?;
                Ok(Some(done))
            }
            Ok(Err(error)) => {
                let error = error.into();
                // Where that fails, the key is free when the lease is over.
                let _ = self.store.release(&key, &ticket).await;
                Err(error)
            }
            Err(panic) => {
                let _ = self.store.release(&key, &ticket).await;
                std::panic::resume_unwind(panic)
            }
        }
    }

    fn key_of(&self, event: &Event) -> Result<String, Error> {
        (self.key)(event).ok_or_else(|| {
            let words = format!("{} came without an id, so it cannot be told whether it was done", event.what());
            Error::new(ErrorKind::Decode, words)
        })
    }
}

impl fmt::Debug for Idempotency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Idempotency")
            .field("remember", &self.remember)
            .field("lease", &self.lease)
            .finish_non_exhaustive()
    }
}
