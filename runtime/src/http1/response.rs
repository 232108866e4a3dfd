use std::mem::MaybeUninit;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Version};

use super::head::{Bad, Fields, HEADERS, PARTIAL, version, whole};

/// The head of a response.
#[derive(Debug)]
pub(crate) struct ResponseHead {
    pub(crate) status: StatusCode,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) fields: Fields,
}

/// What is read of a response's headers besides what they say of the message itself.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Headers {
    /// All of them. The names that mostly come are not made anew each time.
    All(&'static [HeaderName]),
    /// None.
    Unread,
}

/// Reads the head of a response: all of it, with its empty line, and nothing else.
pub(crate) fn response(head: &Bytes, wanted: Headers) -> Result<ResponseHead, Bad> {
    let mut lines = [const { MaybeUninit::uninit() }; HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    whole(head, parser.parse_response_with_uninit_headers(&mut parsed, head, &mut lines))?;
    let (Some(code), Some(minor)) = (parsed.code, parsed.version) else { return Err(PARTIAL) };
    let status = StatusCode::from_u16(code).map_err(|_| Bad::Syntax("its status is none"))?;
    let (version, mut fields) = (version(minor), Fields::NONE);
    let mut headers = match wanted {
        Headers::All(_) => HeaderMap::with_capacity(parsed.headers.len()),
        Headers::Unread => HeaderMap::new(),
    };
    for line in &*parsed.headers {
        let is_new = fields.read(line.name, line.value, version)?;
        let Headers::All(known) = wanted else { continue };
        if !is_new {
            continue;
        }
        let name = match known.iter().find(|name| name.as_str().eq_ignore_ascii_case(line.name)) {
            Some(name) => name.clone(),
            None => {
                HeaderName::from_bytes(line.name.as_bytes()).map_err(|_| Bad::Syntax("the name of a header is none"))?
            }
        };
        // Without a copy: each is a part of the head.
        let value = HeaderValue::from_maybe_shared(head.slice_ref(line.value));
        let value = value.map_err(|_| Bad::Syntax("the value of a header is none"))?;
        headers.try_append(name, value).map_err(|_| Bad::TooManyHeaders)?;
    }
    Ok(ResponseHead { status, version, headers, fields })
}

/// Whether the head of a response may begin so. Where it cannot, nobody has to wait for its end.
pub(crate) fn response_begins(begin: &[u8]) -> Result<(), Bad> {
    let mut lines = [const { MaybeUninit::uninit() }; HEADERS];
    let mut parsed = httparse::Response::new(&mut []);
    let parser = httparse::ParserConfig::default();
    match whole(begin, parser.parse_response_with_uninit_headers(&mut parsed, begin, &mut lines)) {
        Err(bad) if bad != PARTIAL => Err(bad),
        _ => Ok(()),
    }
}

impl ResponseHead {
    /// Whether another request may follow on the same connection.
    pub(crate) fn keeps_connection(&self) -> bool {
        !self.fields.close && (self.fields.keep_alive || self.version != Version::HTTP_10)
    }
}
