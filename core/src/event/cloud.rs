use std::{any::Any, collections::BTreeMap, time::SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{content, time};
use crate::Error;

/// An event in the terms of [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
///
/// Its data is JSON, read as any type that serde reads; or `String`, or `Bytes`, which it is then as it came. Where it may be
/// absent, take an `Option`.
///
/// ```
/// use omnifn_core::{Result, event::CloudEvent};
///
/// #[derive(serde::Deserialize)]
/// struct SignUp {
///     name: String,
/// }
///
/// async fn welcome(event: CloudEvent<SignUp>) -> Result<()> {
///     println!("{} of {}: {}", event.r#type, event.source, event.data.name);
///     Ok(())
/// }
/// # let event = CloudEvent::new("1", "/users", "signup", bytes::Bytes::from(r#"{"name": "Ada"}"#));
/// # assert_eq!(event.read::<SignUp>().unwrap().data.name, "Ada");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct CloudEvent<T = Bytes> {
    /// Identifies the event, together with its source.
    pub id: String,
    /// Where it happened: a URI reference.
    pub source: String,
    /// What happened.
    pub r#type: String,
    /// To what it happened, within the source.
    pub subject: Option<String>,
    /// When it happened: RFC 3339, as it was written. [`CloudEvent::time`] reads it.
    pub time_text: Option<String>,
    /// The media type of the data.
    pub data_content_type: Option<String>,
    /// The schema of the data: a URI.
    pub data_schema: Option<String>,
    /// All other attributes, as text.
    pub extensions: BTreeMap<String, String>,
    /// What there is to say of it.
    pub data: T,
}

impl<T> CloudEvent<T> {
    /// An event with the attributes that every event has.
    pub fn new(id: impl Into<String>, source: impl Into<String>, r#type: impl Into<String>, data: T) -> Self {
        CloudEvent {
            id: id.into(),
            source: source.into(),
            r#type: r#type.into(),
            subject: None,
            time_text: None,
            data_content_type: None,
            data_schema: None,
            extensions: BTreeMap::new(),
            data,
        }
    }

    /// When it happened.
    pub fn time(&self) -> Option<SystemTime> {
        self.time_text.as_deref().and_then(time::parse)
    }

    /// The same event with other data.
    pub fn with_data<U>(self, data: U) -> CloudEvent<U> {
        let CloudEvent { id, source, r#type, subject, time_text, data_content_type, data_schema, extensions, .. } =
            self;
        CloudEvent { id, source, r#type, subject, time_text, data_content_type, data_schema, extensions, data }
    }
}

impl CloudEvent<Bytes> {
    /// Reads the data.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) where it is not what it should be: the event is rejected.
    pub fn read<T: DeserializeOwned + Any>(self) -> Result<CloudEvent<T>, Error> {
        let data = content::read(&self.data, "the event's data")?;
        Ok(self.with_data(data))
    }
}
