use std::{borrow::Cow, time::SystemTime};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header::CONTENT_TYPE};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode, utf8_percent_encode};

use super::{Received, check, is_name, malformed, version};
use crate::{Error, event::CloudEvent};

/// The attributes of an event in binary mode, borrowed from the headers where possible.
///
/// ```
/// use omnifn_core::cloudevents::Attributes;
///
/// let mut headers = http::HeaderMap::new();
/// for (name, value) in [("specversion", "1.0"), ("id", "7"), ("source", "/users"), ("type", "signup"), ("tenant", "a%20b")] {
///     headers.insert(http::HeaderName::try_from(format!("ce-{name}")).unwrap(), value.parse().unwrap());
/// }
/// let attributes = Attributes::read(&headers).unwrap();
/// assert_eq!((&*attributes.id, attributes.extension("tenant")), ("7", Some("a b")));
/// ```
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Attributes<'h> {
    /// Identifies the event, together with its source.
    pub id: Cow<'h, str>,
    /// The context in which the event happened.
    pub source: Cow<'h, str>,
    /// The type of the event.
    pub r#type: Cow<'h, str>,
    /// The subject of the event.
    pub subject: Option<Cow<'h, str>>,
    /// The time of the event.
    pub time: Option<SystemTime>,
    time_text: Option<Cow<'h, str>>,
    data_schema: Option<Cow<'h, str>>,
    data_content_type: Option<&'h HeaderValue>,
    extensions: Vec<(&'h str, Cow<'h, str>)>,
    /// The names of the attributes that are not valid.
    ignored: Vec<String>,
}

impl<'h> Attributes<'h> {
    /// Reads the attributes from the headers. An extension attribute whose name is not valid is ignored: brokers forward such headers.
    ///
    /// # Errors
    /// 400 if the event is malformed, 415 if its version is not 1.0.
    pub fn read(headers: &'h HeaderMap) -> Result<Self, Error> {
        let (mut found, mut spec_version) = (Attributes::default(), None);
        // The headers are iterated once, instead of looking up each attribute.
        let read: Result<(), Error> = headers.iter().try_for_each(|(name, value)| {
            if name == CONTENT_TYPE {
                found.data_content_type.get_or_insert(value);
                return Ok(());
            }
            let Some(name) = name.as_str().strip_prefix("ce-") else { return Ok(()) };
            match name {
                "specversion" => {
                    spec_version.get_or_insert(value);
                    text(name, value)?;
                }
                // The media type is the header `content-type`.
                "datacontenttype" => {}
                "id" => found.id = text(name, value)?,
                "source" => found.source = text(name, value)?,
                "type" => found.r#type = text(name, value)?,
                "subject" => found.subject = Some(text(name, value)?),
                "time" => found.time_text = Some(text(name, value)?),
                "dataschema" => found.data_schema = Some(text(name, value)?),
                _ if is_name(name) => found.extensions.push((name, text(name, value)?)),
                _ => found.ignored.push(name.to_owned()),
            }
            Ok(())
        });
        // An unsupported version is reported first.
        let spec_version = spec_version.or_else(|| headers.get("ce-specversion"));
        version(spec_version.and_then(|value| value.to_str().ok()))?;
        read?;
        let required = [("id", &*found.id), ("source", &found.source), ("type", &found.r#type)];
        found.time = check(required, found.subject.as_deref(), found.time_text.as_deref())?;
        Ok(found)
    }

    /// Returns the extension attribute of this name.
    pub fn extension(&self, name: &str) -> Option<&str> {
        self.extensions.iter().rfind(|(known, _)| *known == name).map(|(_, value)| &**value)
    }

    /// Returns the warning for the log if attributes were ignored.
    pub fn warning(&self) -> Option<String> {
        super::warning(&self.ignored)
    }

    /// Creates the event with these attributes.
    pub fn into_event(self, data: Bytes) -> Received {
        let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        let mut event = CloudEvent::new(self.id, self.source, self.r#type, data);
        event.subject = owned(self.subject);
        event.time_text = owned(self.time_text);
        event.data_schema = owned(self.data_schema);
        event.data_content_type =
            self.data_content_type.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
        let extensions = self.extensions.into_iter();
        event.extensions.extend(extensions.map(|(name, value)| (name.to_owned(), value.into_owned())));
        Received::new(event, &self.ignored)
    }
}

/// Decodes a header's value: removes quotes, then percent-decodes it once.
fn text<'h>(name: &str, value: &'h HeaderValue) -> Result<Cow<'h, str>, Error> {
    let bytes = value.as_bytes();
    if let Ok(text) = std::str::from_utf8(bytes)
        && !text.starts_with('"')
        && !bytes.contains(&b'%')
    {
        return Ok(Cow::Borrowed(text));
    }
    let unquoted = match bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        Some(inner) => Cow::Owned(unescaped(inner)),
        None => Cow::Borrowed(bytes),
    };
    let decoded = percent_decode(&unquoted).collect();
    String::from_utf8(decoded)
        .map(Cow::Owned)
        .map_err(|_| malformed(format!("its attribute `{name}` is not valid UTF-8")))
}

fn unescaped(quoted: &[u8]) -> Vec<u8> {
    let mut bytes = quoted.iter();
    std::iter::from_fn(|| match bytes.next()? {
        b'\\' => bytes.next().copied(),
        byte => Some(*byte),
    })
    .collect()
}

/// Writes an event as headers and a body into a request.
pub fn write(event: &CloudEvent, request: &mut Request<Bytes>) -> Result<(), Error> {
    const OUTSIDE: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'%');
    let optional = [("subject", &event.subject), ("time", &event.time_text), ("dataschema", &event.data_schema)];
    let named = [("specversion", "1.0"), ("id", &event.id), ("source", &event.source), ("type", &event.r#type)];
    let attributes =
        named.into_iter().chain(optional.into_iter().filter_map(|(name, value)| Some((name, value.as_deref()?))));
    let extensions = event.extensions.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    for (name, value) in attributes.chain(extensions) {
        let name = HeaderName::try_from(format!("ce-{name}"))?;
        let value = HeaderValue::try_from(utf8_percent_encode(value, OUTSIDE).to_string())?;
        request.headers_mut().insert(name, value);
    }
    if let Some(media_type) = &event.data_content_type {
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::try_from(media_type.as_str())?);
    }
    *request.body_mut() = event.data.clone();
    Ok(())
}
