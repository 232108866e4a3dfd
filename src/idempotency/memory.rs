use std::{
    collections::HashMap,
    future::ready,
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use omnifn_core::Error;

use super::{Begin, BoxFuture, Store, Ticket};

/// A store in this process.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<Records>);

#[derive(Debug, Default)]
struct Records {
    all: HashMap<String, Record>,
    begun: u64,
    /// At this number of keys, expired ones are removed.
    sweep_at: usize,
}

#[derive(Debug)]
struct Record {
    until: SystemTime,
    /// `None` once it is done.
    ticket: Option<Ticket>,
}

const SWEEP: usize = 1024;

impl InMemory {
    fn lock(&self) -> MutexGuard<'_, Records> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, key: &str, ticket: &Ticket, change: impl FnOnce(&mut Records)) {
        let mut records = self.lock();
        // If the lease has expired, another run may have the key.
        if records.all.get(key).is_some_and(|record| record.ticket.as_ref() == Some(ticket)) {
            change(&mut records);
        }
    }
}

impl Store for InMemory {
    fn begin<'a>(&'a self, key: &'a str, now: SystemTime, lease: SystemTime) -> BoxFuture<'a, Result<Begin, Error>> {
        let mut records = self.lock();
        if let Some(record) = records.all.get(key).filter(|record| record.until > now) {
            let begin = if record.ticket.is_some() { Begin::Running } else { Begin::Done };
            return Box::pin(ready(Ok(begin)));
        }
        if records.all.len() >= records.sweep_at {
            records.all.retain(|_, record| record.until > now);
            records.sweep_at = (records.all.len() * 2).max(SWEEP);
        }
        records.begun += 1;
        let ticket = Ticket(records.begun.to_string());
        records.all.insert(key.to_owned(), Record { until: lease, ticket: Some(ticket.clone()) });
        Box::pin(ready(Ok(Begin::Begun(ticket))))
    }

    fn finish<'a>(&'a self, key: &'a str, ticket: &'a Ticket, until: SystemTime) -> BoxFuture<'a, Result<(), Error>> {
        self.change(key, ticket, |records| {
            records.all.insert(key.to_owned(), Record { until, ticket: None });
        });
        Box::pin(ready(Ok(())))
    }

    fn release<'a>(&'a self, key: &'a str, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), Error>> {
        self.change(key, ticket, |records| {
            records.all.remove(key);
        });
        Box::pin(ready(Ok(())))
    }
}
