use std::{any::Any, fmt, time::SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::content;
use crate::{Error, ErrorKind, json};

/// A change of a row, an item or a document of a table.
///
/// ```
/// use omnifn_core::{Result, event::Change};
///
/// #[derive(serde::Deserialize)]
/// struct Account {
///     balance: i64,
/// }
///
/// async fn audit(change: Change<Account>) -> Result<()> {
///     let before = change.old.map(|account| account.balance);
///     let after = change.new.map(|account| account.balance);
///     println!("{:?} {before:?} → {after:?}", change.kind);
///     Ok(())
/// }
/// # let change = Change::inserted(omnifn_core::event::Json::from(serde_json::json!({"balance": 7}))).read::<Account>().unwrap();
/// # assert_eq!(change.new.unwrap().balance, 7);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Change<T = Value> {
    /// The kind of change.
    pub kind: ChangeKind,
    /// The key of the record: its fields, or its path.
    pub key: Option<Value>,
    /// The record before the change, if the platform sends it.
    pub old: Option<T>,
    /// The record after the change, if the platform sends it.
    pub new: Option<T>,
    /// The platform's id of the event.
    pub id: Option<String>,
    /// The table as the platform names it: an ARN, a resource name, a path.
    pub source: Option<String>,
    /// The time of the change.
    pub time: Option<SystemTime>,
    /// The position of the change in the table's log.
    pub sequence: Option<String>,
    /// Whether the platform itself deleted the record, because it had expired.
    pub expired: Option<bool>,
}

/// The kind of change of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// The record was inserted.
    Inserted,
    /// The record was changed.
    Updated,
    /// The record was deleted.
    Deleted,
    /// The record was inserted or changed; the platform does not report which.
    Written,
}

impl ChangeKind {
    /// Returns the name of the kind.
    pub const fn name(self) -> &'static str {
        match self {
            ChangeKind::Inserted => "inserted",
            ChangeKind::Updated => "updated",
            ChangeKind::Deleted => "deleted",
            ChangeKind::Written => "written",
        }
    }

    /// All kinds of changes.
    pub const ALL: [ChangeKind; 4] =
        [ChangeKind::Inserted, ChangeKind::Updated, ChangeKind::Deleted, ChangeKind::Written];
}

impl<T> Change<T> {
    /// Creates a change with no other data.
    pub fn new(kind: ChangeKind, old: Option<T>, new: Option<T>) -> Self {
        Change { kind, key: None, old, new, id: None, source: None, time: None, sequence: None, expired: None }
    }

    /// Creates the change of a record that was inserted.
    pub fn inserted(new: T) -> Self {
        Change::new(ChangeKind::Inserted, None, Some(new))
    }

    /// Creates the change of a record that was changed.
    pub fn updated(old: T, new: T) -> Self {
        Change::new(ChangeKind::Updated, Some(old), Some(new))
    }

    /// Creates the change of a record that was deleted.
    pub fn deleted(old: T) -> Self {
        Change::new(ChangeKind::Deleted, Some(old), None)
    }
}

impl Change<Json> {
    /// Decodes the record, before and after the change.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if one of them does not fit the type. The change is rejected.
    pub fn read<T: DeserializeOwned + Any>(self) -> Result<Change<T>, Error> {
        let read = |json: Option<Json>, what| json.map(|json| content::read(&json.0, what)).transpose();
        let Change { kind, key, old, new, id, source, time, sequence, expired } = self;
        let (old, new) = (read(old, "the record before the change")?, read(new, "the record after the change")?);
        Ok(Change { kind, key, old, new, id, source, time, sequence, expired })
    }
}

impl From<Change<Value>> for Change<Json> {
    fn from(change: Change<Value>) -> Self {
        let Change { kind, key, old, new, id, source, time, sequence, expired } = change;
        Change { kind, key, old: old.map(Json::from), new: new.map(Json::from), id, source, time, sequence, expired }
    }
}

/// A record of a table that is not decoded yet: JSON as text, which takes a small part of the memory of a [`Value`].
///
/// ```
/// use omnifn_core::event::Json;
/// use serde_json::json;
///
/// let record = Json::new(r#"{"balance": 7}"#);
/// assert_eq!(record, Json::from(json!({"balance": 7})));
/// assert_eq!(record.value(), json!({"balance": 7}));
/// ```
#[derive(Clone)]
pub struct Json(Bytes);

impl Json {
    /// The longest key of a record, in bytes. Those of the platforms have up to 3 KiB.
    const KEY_LIMIT: usize = 16 * 1024;

    /// Creates a record from its text, which must be JSON.
    pub fn new(json: impl Into<Bytes>) -> Self {
        Json(json.into())
    }

    /// Returns the text.
    pub fn as_bytes(&self) -> &Bytes {
        &self.0
    }

    /// Returns the record as a value, which takes many times the memory of the text; null if the text is not JSON.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.0).unwrap_or_default()
    }

    /// Reads the key of a record.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] if the key is not JSON, or is longer than any platform's keys.
    pub fn key(json: &[u8]) -> Result<Value, Error> {
        if json.len() > Json::KEY_LIMIT {
            let text = format!("the record's key has {} bytes: expected at most {}", json.len(), Json::KEY_LIMIT);
            return Err(Error::new(ErrorKind::Decode, text));
        }
        json::from_slice(json, "the record's key")
    }
}

impl From<Value> for Json {
    fn from(value: Value) -> Self {
        Json(value.to_string().into())
    }
}

/// Two records are equal if their values are.
impl PartialEq for Json {
    fn eq(&self, other: &Json) -> bool {
        self.0 == other.0 || self.value() == other.value()
    }
}

impl fmt::Debug for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value().fmt(f)
    }
}
