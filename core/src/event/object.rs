use std::{collections::BTreeMap, time::SystemTime};

use bytes::Bytes;

/// An object in a bucket was created, changed or deleted.
///
/// ```
/// use omnifn_core::{Result, event::Object};
///
/// async fn thumbnail(object: Object) -> Result<()> {
///     println!("{}/{} has {:?} bytes", object.bucket, object.key, object.size);
///     Ok(())
/// }
/// # let object = Object::created("uploads", "cat.jpg");
/// # assert_eq!((object.bucket.as_str(), object.key.as_str()), ("uploads", "cat.jpg"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Object {
    /// The bucket or container that holds it.
    pub bucket: String,
    /// Its name in the bucket, decoded: with spaces and all.
    pub key: String,
    /// What happened to it.
    pub change: ObjectChange,
    /// The platform's id of the event.
    pub id: Option<String>,
    /// The bucket as the platform names it: an ARN, a resource name, a URL.
    pub source: Option<String>,
    /// When it happened.
    pub time: Option<SystemTime>,
    /// Its size, in bytes.
    pub size: Option<u64>,
    /// Its entity tag, without quotes.
    pub etag: Option<String>,
    /// Its version or generation.
    pub version: Option<String>,
    /// What tells which of two events of one object came first, compared as text of the same length.
    pub sequence: Option<String>,
    /// Its media type.
    pub content_type: Option<String>,
    /// What the owner wrote beside it.
    pub metadata: BTreeMap<String, String>,
    /// What it holds, where the platform sends that along.
    pub content: Option<Bytes>,
}

/// What happened to an [`Object`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ObjectChange {
    /// It is there, for the first time or anew.
    Created,
    /// It is gone.
    Deleted,
    /// It was moved to another storage class, or became an older version.
    Archived,
    /// What is said of it has changed, but not what it holds.
    Updated,
}

impl ObjectChange {
    /// The word for it in `on(…)`.
    pub const fn name(self) -> &'static str {
        match self {
            ObjectChange::Created => "created",
            ObjectChange::Deleted => "deleted",
            ObjectChange::Archived => "archived",
            ObjectChange::Updated => "updated",
        }
    }

    /// Every change.
    pub const ALL: [ObjectChange; 4] =
        [ObjectChange::Created, ObjectChange::Deleted, ObjectChange::Archived, ObjectChange::Updated];
}

impl Object {
    /// An object of which this happened, and nothing else is known.
    pub fn new(change: ObjectChange, bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Object {
            bucket: bucket.into(),
            key: key.into(),
            change,
            id: None,
            source: None,
            time: None,
            size: None,
            etag: None,
            version: None,
            sequence: None,
            content_type: None,
            metadata: BTreeMap::new(),
            content: None,
        }
    }

    /// An object that was created.
    pub fn created(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Object::new(ObjectChange::Created, bucket, key)
    }

    /// An object that was deleted.
    pub fn deleted(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Object::new(ObjectChange::Deleted, bucket, key)
    }
}
