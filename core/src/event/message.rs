use std::{any::Any, collections::BTreeMap, time::SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::content;
use crate::Error;

/// A message of a queue, a topic or a stream.
///
/// Its body is JSON, read as any type that serde reads; or `String`, or `Bytes`, which it is then as it came.
///
/// ```
/// use omnifn_core::{Result, event::Message};
///
/// #[derive(serde::Deserialize)]
/// struct Order {
///     item: String,
/// }
///
/// async fn settle(order: Message<Order>) -> Result<()> {
///     println!("{} (attempt {:?})", order.body.item, order.attempt);
///     Ok(())
/// }
/// # let message = Message::new(bytes::Bytes::from(r#"{"item": "tea"}"#)).read::<Order>().unwrap();
/// # assert_eq!(message.body.item, "tea");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Message<T = Bytes> {
    /// What it says.
    pub body: T,
    /// The platform's id of it: the same when it is delivered again, but for platforms without such an id.
    pub id: Option<String>,
    /// What it was sent to, as the platform names it: an ARN, a resource name, a path.
    pub source: Option<String>,
    /// When it was sent, or reached the platform.
    pub time: Option<SystemTime>,
    /// What the sender wrote beside the body.
    pub attributes: BTreeMap<String, String>,
    /// How often it was delivered, this time included.
    pub attempt: Option<u32>,
    /// What keeps it in order: the message group, the ordering key, the partition key.
    pub key: Option<String>,
    /// Its place in the queue or the partition.
    pub sequence: Option<String>,
    /// The partition or shard that it is in.
    pub partition: Option<String>,
    /// The media type of the body.
    pub content_type: Option<String>,
    /// The subject that the sender gave it.
    pub subject: Option<String>,
}

impl<T> Message<T> {
    /// A message that says this, and of which nothing else is known.
    pub fn new(body: T) -> Self {
        Message {
            body,
            id: None,
            source: None,
            time: None,
            attributes: BTreeMap::new(),
            attempt: None,
            key: None,
            sequence: None,
            partition: None,
            content_type: None,
            subject: None,
        }
    }

    /// The same message with another body.
    pub fn with_body<U>(self, body: U) -> Message<U> {
        let Message { id, source, time, attributes, attempt, key, sequence, partition, content_type, subject, .. } =
            self;
        Message { body, id, source, time, attributes, attempt, key, sequence, partition, content_type, subject }
    }
}

impl Message<Bytes> {
    /// Reads the body.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) where it is not what it should be: the message is rejected.
    pub fn read<T: DeserializeOwned + Any>(self) -> Result<Message<T>, Error> {
        let body = content::read(&self.body, "the message's body")?;
        Ok(self.with_body(body))
    }
}
