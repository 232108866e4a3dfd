use std::{any::Any, collections::BTreeMap, time::SystemTime};

use bytes::Bytes;
use serde::de::DeserializeOwned;

use super::{content, time};
use crate::Error;

/// An event in the terms of [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md).
///
/// The data is decoded from JSON as any type that serde reads; as `String` or `Bytes` it is unchanged. If it may be
/// missing, use an `Option`.
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
    /// The context in which the event happened: a URI reference.
    pub source: String,
    /// The type of the event.
    pub r#type: String,
    /// The subject of the event within the source.
    pub subject: Option<String>,
    /// The time of the event in RFC 3339, as it was written. [`CloudEvent::time`] parses it.
    pub time_text: Option<String>,
    /// The media type of the data.
    pub data_content_type: Option<String>,
    /// The schema of the data: a URI.
    pub data_schema: Option<String>,
    /// All other attributes, as text.
    pub extensions: BTreeMap<String, String>,
    /// The data of the event.
    pub data: T,
}

impl<T> CloudEvent<T> {
    /// Creates an event with the attributes that every event has.
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

    /// Returns the time of the event.
    pub fn time(&self) -> Option<SystemTime> {
        self.time_text.as_deref().and_then(time::parse)
    }

    /// Replaces the data.
    pub fn with_data<U>(self, data: U) -> CloudEvent<U> {
        let CloudEvent { id, source, r#type, subject, time_text, data_content_type, data_schema, extensions, .. } =
            self;
        CloudEvent { id, source, r#type, subject, time_text, data_content_type, data_schema, extensions, data }
    }
}

impl CloudEvent<Bytes> {
    /// Decodes the data.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`](crate::ErrorKind::Decode) if the data does not fit the type. The event is rejected.
    pub fn read<T: DeserializeOwned + Any>(self) -> Result<CloudEvent<T>, Error> {
        let data = content::read(&self.data, "the event's data")?;
        Ok(self.with_data(data))
    }
}
