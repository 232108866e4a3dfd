use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header::CONTENT_TYPE};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode, utf8_percent_encode};

use super::{VERSION, checked, malformed, set, version};
use crate::{Error, event::CloudEvent};

pub(super) fn read(headers: &HeaderMap, body: &Bytes) -> Result<CloudEvent, Error> {
    version(headers.get(VERSION).and_then(|value| value.to_str().ok()))?;
    let mut event = CloudEvent::new("", "", "", body.clone());
    for (name, value) in headers {
        let Some(name) = name.as_str().strip_prefix("ce-") else { continue };
        // That is a header of its own.
        if name != "datacontenttype" {
            set(&mut event, name, text(name, value)?)?;
        }
    }
    event.data_content_type =
        headers.get(CONTENT_TYPE).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    checked(event)
}

/// A header's value: unquoted where it is quoted, then percent-decoded, once.
fn text(name: &str, value: &HeaderValue) -> Result<String, Error> {
    let bytes = value.as_bytes();
    let unquoted = match bytes.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) {
        Some(inner) => unescaped(inner),
        None => bytes.to_vec(),
    };
    let decoded = match unquoted.contains(&b'%') {
        true => percent_decode(&unquoted).collect(),
        false => unquoted,
    };
    String::from_utf8(decoded).map_err(|_| malformed(format!("its attribute `{name}` is no UTF-8")))
}

fn unescaped(quoted: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(quoted.len());
    let mut escaped = false;
    for byte in quoted {
        match byte {
            b'\\' if !escaped => escaped = true,
            byte => {
                escaped = false;
                out.push(*byte);
            }
        }
    }
    out
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
