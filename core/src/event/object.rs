use std::{collections::BTreeMap, time::SystemTime};

use bytes::Bytes;
use omnifn_spec::ObjectChange;

/// A change of an object in a bucket: it was created, changed or deleted.
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
    /// The name of the bucket or container.
    pub bucket: String,
    /// The key of the object in the bucket, decoded.
    pub key: String,
    /// The kind of change.
    pub change: ObjectChange,
    /// The platform's id of the event.
    pub id: Option<String>,
    /// The bucket as the platform names it: an ARN, a resource name, a URL.
    pub source: Option<String>,
    /// The time of the change.
    pub time: Option<SystemTime>,
    /// The size of the object, in bytes.
    pub size: Option<u64>,
    /// The entity tag of the object, without quotes.
    pub etag: Option<String>,
    /// The version or generation of the object.
    pub version: Option<String>,
    /// A value that orders two events of one object, compared as texts of the same length.
    pub sequence: Option<String>,
    /// The media type of the object.
    pub content_type: Option<String>,
    /// The metadata that the owner wrote.
    pub metadata: BTreeMap<String, String>,
    /// The contents of the object, if the platform sends them.
    pub content: Option<Bytes>,
}

impl Object {
    /// Creates the event of a change, with no other data.
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

    /// Creates the event of an object that was created.
    pub fn created(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Object::new(ObjectChange::Created, bucket, key)
    }

    /// Creates the event of an object that was deleted.
    pub fn deleted(bucket: impl Into<String>, key: impl Into<String>) -> Self {
        Object::new(ObjectChange::Deleted, bucket, key)
    }
}
