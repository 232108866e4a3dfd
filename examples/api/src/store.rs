//! The store of the notes.

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
    /// The number of the note.
    pub id: u64,
    /// The title, which is one line.
    pub title: String,
    /// The text of the note.
    pub text: String,
    /// The tags by which notes are listed.
    pub tags: Vec<String>,
}

/// A note that is not stored yet, and therefore has no number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// The title, which is one line.
    pub title: String,
    /// The text of the note.
    #[serde(default)]
    pub text: String,
    /// The tags by which notes are listed.
    #[serde(default)]
    pub tags: Vec<String>,
}

impl Draft {
    /// Converts the draft into a note with this number.
    pub fn into_note(self, id: u64) -> Note {
        Note { id, title: self.title, text: self.text, tags: self.tags }
    }
}

/// A file that belongs to a note.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// The media type of the file.
    pub media_type: String,
    /// The contents of the file.
    pub bytes: Bytes,
}

/// A store of notes. Every method can fail, because the store is usually another process.
#[async_trait]
pub trait Store: Send + Sync {
    /// Stores a new note, and assigns its number.
    async fn create(&self, draft: Draft) -> Result<Note>;
    /// Returns the note with this number, if it exists.
    async fn read(&self, id: u64) -> Result<Option<Note>>;
    /// Returns up to `limit` notes that have all of the tags and a number above `after`, ordered by number.
    async fn list(&self, tags: &[String], after: u64, limit: usize) -> Result<Vec<Note>>;
    /// Changes a note. Returns `None` if it does not exist.
    async fn update(&self, id: u64, draft: Draft) -> Result<Option<Note>>;
    /// Deletes a note and its attachment. Returns whether the note existed.
    async fn delete(&self, id: u64) -> Result<bool>;
    /// Stores the attachment of a note, and replaces an earlier one. Returns whether the note exists.
    async fn attach(&self, id: u64, attachment: Attachment) -> Result<bool>;
    /// Returns the attachment of a note, if it has one.
    async fn attachment(&self, id: u64) -> Result<Option<Attachment>>;
}

/// A store in memory. Its notes are lost when the process ends, and every instance of the program has its own.
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
