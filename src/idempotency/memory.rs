use std::{
    collections::{BTreeMap, HashMap},
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use omnifn_core::Error;

use super::{Begin, BoxFuture, Store, Ticket};

/// A store in this process. At its limit, it forgets the done key that expires first.
#[derive(Debug)]
pub struct InMemory(Mutex<Records>);

#[derive(Debug)]
struct Records {
    all: HashMap<Arc<str>, Record>,
    running: Expiry,
    done: Expiry,
    started: u64,
    limit: usize,
}

/// Keys in the order in which they expire. Of keys that expire at the same time, the one that began first is the first.
type Expiry = BTreeMap<(SystemTime, u64), Arc<str>>;

#[derive(Debug)]
struct Record {
    until: SystemTime,
    /// The number of the run, which is its ticket.
    run: u64,
    is_done: bool,
}

impl InMemory {
    /// The number of keys that are remembered by default, about 25 MB.
    pub const LIMIT: usize = 100_000;

    /// Remembers at most so many keys.
    pub fn with_limit(keys: usize) -> Self {
        let (all, running, done) = Default::default();
        InMemory(Mutex::new(Records { all, running, done, started: 0, limit: keys }))
    }

    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for InMemory {
    fn default() -> Self {
        InMemory::with_limit(InMemory::LIMIT)
    }
}

impl Records {
    fn insert(&mut self, key: &str, record: Record) {
        self.remove(key);
        let key: Arc<str> = key.into();
        self.order(record.is_done).insert((record.until, record.run), key.clone());
        self.all.insert(key, record);
    }

    fn remove(&mut self, key: &str) {
        if let Some(Record { until, run, is_done }) = self.all.remove(key) {
            self.order(is_done).remove(&(until, run));
        }
    }

    fn order(&mut self, is_done: bool) -> &mut Expiry {
        if is_done { &mut self.done } else { &mut self.running }
    }

    fn remove_expired(&mut self, now: SystemTime) {
        for order in [&mut self.running, &mut self.done] {
            while let Some(first) = order.first_entry().filter(|first| first.key().0 <= now) {
                self.all.remove(&first.remove());
            }
        }
    }

    /// Returns whether another key can be remembered, of which the least useful one is forgotten.
    fn make_room(&mut self) -> bool {
        while self.all.len() >= self.limit {
            // A running key stays, because forgetting it would let a second run begin.
            let Some((_, key)) = self.done.pop_first() else { return false };
            self.all.remove(&key);
        }
        true
    }

    /// Returns whether a run may change a key: whether no other run has it.
    fn is_own(&self, key: &str, ticket: &Ticket) -> bool {
        self.all.get(key).is_none_or(|record| !record.is_done && record.run.to_string() == ticket.0)
    }
}

impl Store for InMemory {
    fn begin<'a>(&'a self, key: &'a str, now: SystemTime, lease: SystemTime) -> BoxFuture<'a, Result<Begin, Error>> {
        let mut records = self.lock();
        records.remove_expired(now);
        let begin = match records.all.get(key).map(|record| record.is_done) {
            Some(true) => Ok(Begin::Done),
            Some(false) => Ok(Begin::Running),
            None if !records.make_room() => Err(Error::retry(format!(
                "the store is full of keys that are in progress: it remembers at most {}",
                records.limit
            ))),
            None => {
                records.started += 1;
                let run = records.started;
                records.insert(key, Record { until: lease, run, is_done: false });
                Ok(Begin::Started(Ticket(run.to_string())))
            }
        };
        Box::pin(ready(begin))
    }

    fn finish<'a>(&'a self, key: &'a str, ticket: &'a Ticket, until: SystemTime) -> BoxFuture<'a, Result<(), Error>> {
        let mut records = self.lock();
        // If the lease has expired, another run may have the key.
        if records.is_own(key, ticket)
            && let Ok(run) = ticket.0.parse()
        {
            records.remove(key);
            if records.make_room() {
                records.insert(key, Record { until, run, is_done: true });
            }
        }
        Box::pin(ready(Ok(())))
    }

    fn release<'a>(&'a self, key: &'a str, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), Error>> {
        let mut records = self.lock();
        if records.is_own(key, ticket) {
            records.remove(key);
        }
        Box::pin(ready(Ok(())))
    }
}
