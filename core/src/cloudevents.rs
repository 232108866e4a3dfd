//! [CloudEvents 1.0](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) in HTTP messages: binary, structured,
//! batched. All of the specification's rules for consumers are checked: a message that breaks one is an error with the status that its
//! sender should receive.

mod binary;
mod handshake;
mod structured;

use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};

use crate::{
    Error, ErrorKind,
    event::{CloudEvent, time},
    json::Elements,
    log::cut,
};

pub use binary::{Attributes, write as write_binary};
pub use handshake::Handshakes;
pub use structured::{read as read_structured, write as write_structured, write_batch};

/// The form of a message that contains CloudEvents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// The attributes are headers, the body is the data.
    Binary,
    /// The body is JSON with the attributes and the data.
    Structured,
    /// The body is a list of such JSON.
    Batched,
}

/// Returns the form of a message; `None` if it contains no CloudEvent.
///
/// # Errors
/// 415 if the message contains CloudEvents in a format other than JSON.
///
/// ```
/// use omnifn_core::cloudevents::{Mode, mode};
///
/// let mut headers = http::HeaderMap::new();
/// headers.insert("content-type", "Application/CloudEvents+JSON; charset=utf-8".parse().unwrap());
/// assert_eq!(mode(&headers).unwrap(), Some(Mode::Structured));
/// ```
pub fn mode(headers: &HeaderMap) -> Result<Option<Mode>, Error> {
    let media_type = headers.get(http::header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    let media_type = String::from_utf8_lossy(media_type);
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_lowercase();
    if let Some(format) = essence.strip_prefix("application/cloudevents") {
        return match format {
            "-batch+json" | "-batch" => Ok(Some(Mode::Batched)),
            "+json" | "" => Ok(Some(Mode::Structured)),
            _ => {
                let words = format!(
                    "unsupported content type {:?} for CloudEvents: send application/cloudevents+json or application/cloudevents-batch+json",
                    cut(&essence)
                );
                Err(Error::new(ErrorKind::MediaType, words))
            }
        };
    }
    let is_binary = ["ce-specversion", "ce-id", "ce-type"].iter().any(|name| headers.contains_key(*name));
    Ok(is_binary.then_some(Mode::Binary))
}

/// A decoded event, and what was left out of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Received {
    /// The event.
    pub event: CloudEvent,
    /// The warning for the log if the message has extension attributes that are not valid. The event is complete without them, and
    /// its sender would repeat a refused event as it is.
    pub warning: Option<String>,
}

impl Received {
    fn new(event: CloudEvent, ignored: &[String]) -> Self {
        Received { event, warning: warning(ignored) }
    }
}

impl From<CloudEvent> for Received {
    fn from(event: CloudEvent) -> Self {
        Received { event, warning: None }
    }
}

/// The events in a message, each of which is decoded when it is needed.
#[derive(Debug)]
pub struct Events {
    first: Option<Received>,
    batch: Elements,
}

impl Iterator for Events {
    type Item = Result<Received, Error>;

    fn next(&mut self) -> Option<Result<Received, Error>> {
        match self.first.take() {
            Some(first) => Some(Ok(first)),
            None => self.batch.next().map(|event| structured::read(&event)),
        }
    }
}

/// Decodes the events in a message: one, except for a batch. An extension attribute that is not valid is ignored, with a warning.
///
/// # Errors
/// 400 if the message is malformed, 413 if a batch has more events than a [`Delivery`](crate::Delivery) can have, 415 if its version is not
/// 1.0. In a batch, each event has its own result.
pub fn read(mode: Mode, headers: &HeaderMap, body: &Bytes) -> Result<Events, Error> {
    let one = |first| Events { first: Some(first), batch: Elements::default() };
    match mode {
        Mode::Binary => Attributes::read(headers).map(|attributes| one(attributes.into_event(body.clone()))),
        Mode::Structured => structured::read(body).map(one),
        Mode::Batched => structured::batch(body).map(|batch| Events { first: None, batch }),
    }
}

/// Checks the rules that apply to every form of an event, and returns the event's time.
fn check(
    required: [(&str, &str); 3],
    subject: Option<&str>,
    time_text: Option<&str>,
) -> Result<Option<SystemTime>, Error> {
    if let Some((name, _)) = required.iter().find(|(_, value)| value.is_empty()) {
        return Err(malformed(format!("its attribute `{name}` is missing or empty")));
    }
    if subject == Some("") {
        return Err(malformed("its attribute `subject` is empty: leave it out".to_owned()));
    }
    let time = time_text.map(|text| {
        time::parse(text).ok_or_else(|| malformed("its attribute `time` is not an RFC 3339 timestamp".to_owned()))
    });
    time.transpose()
}

fn version(version: Option<&str>) -> Result<(), Error> {
    match version {
        Some("1.0") => Ok(()),
        Some(other) => {
            let other: String = other.chars().take(20).collect();
            Err(Error::new(ErrorKind::MediaType, format!("unsupported CloudEvents version {other:?}: expected 1.0")))
        }
        None => Err(malformed("its attribute `specversion` is missing".to_owned())),
    }
}

fn malformed(why: String) -> Error {
    Error::new(ErrorKind::Decode, format!("invalid CloudEvent: {why}"))
}

fn set(event: &mut CloudEvent, name: &str, value: String) {
    match name {
        "specversion" => {}
        "id" => event.id = value,
        "source" => event.source = value,
        "type" => event.r#type = value,
        "subject" => event.subject = Some(value),
        "time" => event.time_text = Some(value),
        "datacontenttype" => event.data_content_type = Some(value),
        "dataschema" => event.data_schema = Some(value),
        _ => {
            event.extensions.insert(name.to_owned(), value);
        }
    }
}

/// Returns whether this is a valid name for an attribute.
fn is_name(name: &str) -> bool {
    let is_valid = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    !name.is_empty() && name != "data" && name.bytes().all(is_valid)
}

/// Returns the warning about the extension attributes that are not valid, if there are any. It quotes no values.
fn warning(ignored: &[String]) -> Option<String> {
    const SHOWN: usize = 8;
    if ignored.is_empty() {
        return None;
    }
    let quoted = ignored.iter().take(SHOWN).map(|name| format!("{:?}", name.chars().take(40).collect::<String>()));
    let quoted = quoted.collect::<Vec<_>>().join(", ");
    let more = if ignored.len() > SHOWN { " and others" } else { "" };
    Some(format!(
        "ignored attributes of a CloudEvent: {quoted}{more}: expected a name of lower-case letters and digits, and a value that is a \
         string, a number, or a boolean"
    ))
}
