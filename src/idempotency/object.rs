use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use object_store::{
    Error as StoreError, ObjectStore, ObjectStoreExt as _, PutMode, PutOptions, UpdateVersion, path::Path,
};
use omnifn_core::Error;

use super::{Begin, BoxFuture, Store, Ticket};

/// A store in a bucket. It has an object for each key, which is written only if it has not changed since it was read (`If-None-Match`,
/// `If-Match`). One bucket makes duplicates harmless in any number of processes, on any cloud.
///
/// A store without conditional writes (a folder of this machine) can still create conditionally, which is enough for two runs that
/// begin a key at once. An expired lease may then be taken by two runs.
#[derive(Debug)]
pub struct InBucket {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
}

impl InBucket {
    /// Remembers keys below a prefix in a bucket.
    ///
    /// ```
    /// use omnifn::idempotency::{Idempotency, InBucket};
    ///
    /// let once = Idempotency::new(InBucket::new(object_store::memory::InMemory::new(), "once"));
    /// ```
    pub fn new(store: impl ObjectStore, prefix: &str) -> Self {
        InBucket { store: Arc::new(store), prefix: Path::from(prefix) }
    }

    /// Returns the name of a key's object: a folder for each function, and in it a digest.
    fn path(&self, key: &str) -> Path {
        let (function, key) = key.split_once('/').unwrap_or(("", key));
        let folder = if function.is_empty() { self.prefix.clone() } else { self.prefix.clone().join(function) };
        folder.join(key)
    }

    async fn put(&self, path: &Path, record: &Record, mode: PutMode) -> Result<Option<Ticket>, Error> {
        let options = PutOptions { mode, ..PutOptions::default() };
        match self.store.put_opts(path, record.text().into(), options).await {
            Ok(put) => Ok(Some(ticket(put.e_tag, put.version))),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(None),
            Err(StoreError::NotImplemented { .. }) => {
                let put = self.store.put(path, record.text().into()).await.map_err(failed)?;
                Ok(Some(ticket(put.e_tag, put.version)))
            }
            Err(error) => Err(failed(error)),
        }
    }

    async fn update(&self, key: &str, ticket: &Ticket, record: &Record) -> Result<(), Error> {
        // If another run has the key now, the object is that run's.
        self.put(&self.path(key), record, PutMode::Update(version(ticket))).await.map(drop)
    }
}

/// The contents of an object.
struct Record {
    is_done: bool,
    until: SystemTime,
}

impl Record {
    /// `running 1700000000250`: a state, and when it expires, in milliseconds since 1970.
    fn text(&self) -> String {
        let until = self.until.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        format!("{} {until}", if self.is_done { "done" } else { "running" })
    }

    fn read(text: &[u8]) -> Option<Self> {
        let (state, until) = std::str::from_utf8(text).ok()?.split_once(' ')?;
        let until = UNIX_EPOCH.checked_add(Duration::from_millis(until.trim().parse().ok()?))?;
        Some(Record { is_done: state == "done", until })
    }
}

fn failed(error: StoreError) -> Error {
    Error::retry("the idempotency store cannot be read").with_source(error)
}

/// Returns an object's version as a text.
fn ticket(e_tag: Option<String>, version: Option<String>) -> Ticket {
    Ticket(format!("{}\n{}", e_tag.unwrap_or_default(), version.unwrap_or_default()))
}

fn version(ticket: &Ticket) -> UpdateVersion {
    let (e_tag, version) = ticket.0.split_once('\n').unwrap_or((&ticket.0, ""));
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    UpdateVersion { e_tag: given(e_tag), version: given(version) }
}

impl Store for InBucket {
    fn begin<'a>(&'a self, key: &'a str, now: SystemTime, lease: SystemTime) -> BoxFuture<'a, Result<Begin, Error>> {
        Box::pin(async move {
            let path = self.path(key);
            let running = Record { is_done: false, until: lease };
            if let Some(ticket) = self.put(&path, &running, PutMode::Create).await? {
                return Ok(Begin::Started(ticket));
            }
            let there = match self.store.get(&path).await {
                Ok(there) => there,
                // The key was released in the meantime. A retry can begin it.
                Err(StoreError::NotFound { .. }) => return Ok(Begin::Running),
                Err(error) => return Err(failed(error)),
            };
            let version = UpdateVersion { e_tag: there.meta.e_tag.clone(), version: there.meta.version.clone() };
            let text = there.bytes().await.map_err(failed)?;
            match Record::read(&text) {
                Some(record) if record.until > now && record.is_done => Ok(Begin::Done),
                Some(record) if record.until > now => Ok(Begin::Running),
                // The lease has expired, or omnifn did not write the object.
                _ => match self.put(&path, &running, PutMode::Update(version)).await? {
                    Some(ticket) => Ok(Begin::Started(ticket)),
                    None => Ok(Begin::Running),
                },
            }
        })
    }

    fn finish<'a>(&'a self, key: &'a str, ticket: &'a Ticket, until: SystemTime) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { self.update(key, ticket, &Record { is_done: true, until }).await })
    }

    fn release<'a>(&'a self, key: &'a str, ticket: &'a Ticket) -> BoxFuture<'a, Result<(), Error>> {
        Box::pin(async move { self.update(key, ticket, &Record { is_done: false, until: UNIX_EPOCH }).await })
    }
}
