//! Where notes are kept.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use omnifn::{Result, bytes::Bytes};
use serde::{Deserialize, Serialize};

/// A note.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Its number.
    pub id: u64,
    /// A line.
    pub title: String,
    /// The text.
    pub text: String,
    /// Words to find it by.
    pub tags: Vec<String>,
}

/// A note that has no number yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// A line.
    pub title: String,
    /// The text.
    #[serde(default)]
    pub text: String,
    /// Words to find it by.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Draft {
    /// As a note of this number.
    pub fn into_note(self, id: u64) -> Note {
        Note { id, title: self.title, text: self.text, tags: self.tags }
    }
}

/// A file that belongs to a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// Its media type.
    pub media_type: String,
    /// Its bytes.
    pub bytes: Bytes,
}

/// What a place for notes can do. Each may fail: it is another process, most often.
#[async_trait]
pub trait Store: Send + Sync {
    /// Keeps a new note, and gives it a number.
    async fn create(&self, draft: Draft) -> Result<Note>;
    /// The note of this number, if there is one.
    async fn read(&self, id: u64) -> Result<Option<Note>>;
    /// Up to `limit` notes with numbers above `after` that have all of the tags, by number.
    async fn list(&self, tags: &[String], after: u64, limit: usize) -> Result<Vec<Note>>;
    /// Changes a note: `None` where there is none of this number.
    async fn update(&self, id: u64, draft: Draft) -> Result<Option<Note>>;
    /// Removes a note and its attachment, and says whether it was there.
    async fn delete(&self, id: u64) -> Result<bool>;
    /// Keeps a note's attachment, in the place of one before it; says whether the note is there.
    async fn attach(&self, id: u64, attachment: Attachment) -> Result<bool>;
    /// A note's attachment.
    async fn attachment(&self, id: u64) -> Result<Option<Attachment>>;
}

/// Notes in this process's memory: gone when it ends, and each instance of a function has its own.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    last: u64,
    notes: BTreeMap<u64, Note>,
    attachments: BTreeMap<u64, Attachment>,
}

impl InMemory {
    fn lock(&self) -> MutexGuard<'_, Kept> {
        // No change below can panic halfway.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for InMemory {
    async fn create(&self, draft: Draft) -> Result<Note> {
        let mut kept = self.lock();
        kept.last += 1;
        let note = draft.into_note(kept.last);
        kept.notes.insert(note.id, note.clone());
        Ok(note)
    }

    async fn read(&self, id: u64) -> Result<Option<Note>> {
        Ok(self.lock().notes.get(&id).cloned())
    }

    async fn list(&self, tags: &[String], after: u64, limit: usize) -> Result<Vec<Note>> {
        let kept = self.lock();
        let later = kept.notes.range(after.saturating_add(1)..).map(|(_, note)| note);
        Ok(later.filter(|note| tags.iter().all(|tag| note.tags.contains(tag))).take(limit).cloned().collect())
    }

    async fn update(&self, id: u64, draft: Draft) -> Result<Option<Note>> {
        Ok(self.lock().notes.get_mut(&id).map(|note| {
            *note = draft.into_note(id);
            note.clone()
        }))
    }

    async fn delete(&self, id: u64) -> Result<bool> {
        let mut kept = self.lock();
        kept.attachments.remove(&id);
        Ok(kept.notes.remove(&id).is_some())
    }

    async fn attach(&self, id: u64, attachment: Attachment) -> Result<bool> {
        let mut kept = self.lock();
        let there = kept.notes.contains_key(&id);
        if there {
            kept.attachments.insert(id, attachment);
        }
        Ok(there)
    }

    async fn attachment(&self, id: u64) -> Result<Option<Attachment>> {
        Ok(self.lock().attachments.get(&id).cloned())
    }
}
