use std::{any::Any, time::SystemTime};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::content;
use crate::Error;

/// A row, an item or a document of a table was changed.
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
/// # let change = Change::inserted(serde_json::json!({"balance": 7})).read::<Account>().unwrap();
/// # assert_eq!(change.new.unwrap().balance, 7);
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Change<T = Value> {
    /// What happened.
    pub kind: ChangeKind,
    /// What identifies the record: its key's fields, or its path.
    pub key: Option<Value>,
    /// What it was before, where the platform says so.
    pub old: Option<T>,
    /// What it is now, where the platform says so.
    pub new: Option<T>,
    /// The platform's id of the event.
    pub id: Option<String>,
    /// The table as the platform names it: an ARN, a resource name, a path.
    pub source: Option<String>,
    /// When it happened.
    pub time: Option<SystemTime>,
    /// Its place in the table's log.
    pub sequence: Option<String>,
    /// Whether the platform itself deleted it, for its time was over.
    pub expired: Option<bool>,
}

/// What happened to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChangeKind {
    /// It is new.
    Inserted,
    /// It was there before.
    Updated,
    /// It is gone.
    Deleted,
    /// It is new, or was there before: the platform does not say which.
    Written,
}

impl ChangeKind {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            ChangeKind::Inserted => "inserted",
            ChangeKind::Updated => "updated",
            ChangeKind::Deleted => "deleted",
            ChangeKind::Written => "written",
        }
    }

    /// Every kind.
    pub const ALL: [ChangeKind; 4] =
        [ChangeKind::Inserted, ChangeKind::Updated, ChangeKind::Deleted, ChangeKind::Written];
}

impl<T> Change<T> {
    /// A change of which nothing else is known.
    pub fn new(kind: ChangeKind, old: Option<T>, new: Option<T>) -> Self {
        Change { kind, key: None, old, new, id: None, source: None, time: None, sequence: None, expired: None }
    }

    /// A record that is new.
    pub fn inserted(new: T) -> Self {
        Change::new(ChangeKind::Inserted, None, Some(new))
    }

    /// A record that was another before.
    pub fn updated(old: T, new: T) -> Self {
        Change::new(ChangeKind::Updated, Some(old), Some(new))
    }

    /// A record that is gone.
    pub fn deleted(old: T) -> Self {
        Change::new(ChangeKind::Deleted, Some(old), None)
    }
}

impl Change<Value> {
    /// Reads the record, before and after.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) where one of them is not what it should be: the change is rejected.
    pub fn read<T: DeserializeOwned + Any>(self) -> Result<Change<T>, Error> {
        let read = |value: Option<Value>, what| value.map(|value| content::from_value(&value, what)).transpose();
        let Change { kind, key, old, new, id, source, time, sequence, expired } = self;
        let (old, new) = (read(old, "the record before the change")?, read(new, "the record after the change")?);
        Ok(Change { kind, key, old, new, id, source, time, sequence, expired })
    }
}
