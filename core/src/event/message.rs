use std::{any::Any, collections::BTreeMap, time::SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::content;
use crate::Error;

/// A message of a queue, a topic or a stream.
///
/// The body is decoded from JSON as any type that serde reads; as `String` or `Bytes` it is unchanged.
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
    /// The body.
    pub body: T,
    /// The platform's id of the message. It is the same when the message is delivered again, if the platform has such an id.
    pub id: Option<String>,
    /// The destination, as the platform names it: an ARN, a resource name, a path.
    pub source: Option<String>,
    /// The time at which the message was sent, or reached the platform.
    pub time: Option<SystemTime>,
    /// The attributes that the sender wrote.
    pub attributes: BTreeMap<String, String>,
    /// How often the message was delivered, including this time.
    pub attempt: Option<u32>,
    /// The key that determines the order: the message group, the ordering key, or the partition key.
    pub key: Option<String>,
    /// The position in the queue or the partition.
    pub sequence: Option<String>,
    /// The partition or shard.
    pub partition: Option<String>,
    /// The media type of the body.
    pub content_type: Option<String>,
    /// The subject that the sender set.
    pub subject: Option<String>,
}

impl<T> Message<T> {
    /// Creates a message with a body and no other data.
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

    /// Replaces the body.
    pub fn with_body<U>(self, body: U) -> Message<U> {
        let Message { id, source, time, attributes, attempt, key, sequence, partition, content_type, subject, .. } =
            self;
        Message { body, id, source, time, attributes, attempt, key, sequence, partition, content_type, subject }
    }
}

impl Message<Bytes> {
    /// Decodes the body.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the body does not fit the type. The message is rejected.
    pub fn read<T: DeserializeOwned + Any>(self) -> Result<Message<T>, Error> {
        let body = content::read(&self.body, "the message's body")?;
        Ok(self.with_body(body))
    }
}
