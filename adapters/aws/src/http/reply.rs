//! A reply as the JSON document that each gateway reads.

use std::borrow::Cow;

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response,
    header::{CONTENT_ENCODING, CONTENT_TYPE, SET_COOKIE},
    response::Parts,
};
use omnifn_core::{Payload, json};
use serde::{Serialize, Serializer};

use crate::detect::Shape;

/// The document. Its fields depend on the shape; the body of a streamed reply follows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    status_code: u16,
    /// The reason phrase that a load balancer sends.
    #[serde(skip_serializing_if = "Option::is_none")]
    status_description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    headers: Option<Single<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_value_headers: Option<Multi<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cookies: Option<Values<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    is_base64_encoded: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Cow<'a, str>>,
}

impl<'a> Document<'a> {
    fn new(shape: Shape, head: &'a Parts) -> Self {
        let headers = &head.headers;
        let is_balancer = matches!(shape, Shape::Alb | Shape::AlbMulti);
        let is_v2 = matches!(shape, Shape::HttpApiV2 | Shape::FunctionUrl);
        let has_lists = matches!(shape, Shape::HttpApiV1 | Shape::RestV1 | Shape::AlbMulti);
        let reason = head.status.canonical_reason().filter(|_| is_balancer);
        Document {
            status_code: head.status.as_u16(),
            status_description: reason.map(|reason| format!("{} {reason}", head.status.as_u16())),
            headers: (!has_lists).then_some(Single { headers, has_cookies: !is_v2 }),
            multi_value_headers: has_lists.then_some(Multi(headers)),
            // The field is always sent, because an emulator fails without it.
            cookies: is_v2.then_some(Values { headers, name: &SET_COOKIE }),
            is_base64_encoded: None,
            body: None,
        }
    }
}

/// Headers with one string for each name. Several values are joined into a list (RFC 9110, 5.2). Cookies cannot be joined, so each of them
/// has a name with other upper-case letters: to the gateway these are different keys, to the client they are the same name.
struct Single<'a> {
    headers: &'a HeaderMap,
    has_cookies: bool,
}

impl Serialize for Single<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = self.headers.keys().filter(|name| *name != SET_COOKIE);
        let others = names.map(|name| (Cow::Borrowed(name.as_str()), joined(self.headers, name)));
        let cookies = self.headers.get_all(SET_COOKIE).iter().filter(|_| self.has_cookies).enumerate();
        let cookies = cookies.map(|(i, value)| (Cow::Owned(cased(SET_COOKIE.as_str(), i)), characters(value)));
        serializer.collect_map(others.chain(cookies))
    }
}

/// Headers with all values of each name, in order.
struct Multi<'a>(&'a HeaderMap);

impl Serialize for Multi<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.keys().map(|name| (name.as_str(), Values { headers: self.0, name })))
    }
}

/// The values of one name.
struct Values<'a> {
    headers: &'a HeaderMap,
    name: &'a HeaderName,
}

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.headers.get_all(self.name).iter().map(characters))
    }
}

pub(super) fn encode(shape: Shape, head: &Parts, body: &Bytes) -> Response<Payload> {
    let mut document = Document::new(shape, head);
    let text = text(&head.headers, body);
    document.is_base64_encoded = Some(text.is_none());
    document.body = Some(match text {
        Some(text) => Cow::Borrowed(text),
        None => Cow::Owned(base64_simd::STANDARD.encode_to_string(body)),
    });
    respond(json::to_bytes(&document))
}

/// Returns what precedes a streamed body. A REST API accepts lists of values here, a Function URL does not.
pub(super) fn prelude(shape: Shape, head: &Parts) -> Bytes {
    json::to_bytes(&Document::new(shape, head))
}

/// Returns a JSON document as a reply to Lambda.
pub(crate) fn respond(document: Bytes) -> Response<Payload> {
    let mut response = Response::new(Payload::Whole(document));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

fn joined<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Cow<'h, str> {
    let mut values = headers.get_all(name).iter().map(characters);
    let first = values.next().unwrap_or_default();
    values.fold(first, |joined, value| Cow::Owned(format!("{joined}, {value}")))
}

/// Returns a header's value as text, because the reply is JSON. A value that is not UTF-8 is read as ISO-8859-1, the former encoding of
/// header fields (RFC 9110, 5.5), in which every sequence of bytes is valid.
pub(crate) fn characters(value: &HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    }
}

/// Returns the `number`-th spelling of the name.
fn cased(name: &str, number: usize) -> String {
    let mut letter = 0;
    let spelt = name.chars().map(|c| {
        let upper = c.is_ascii_alphabetic() && number.checked_shr(letter).unwrap_or(0) & 1 == 1;
        letter += u32::from(c.is_ascii_alphabetic());
        if upper { c.to_ascii_uppercase() } else { c }
    });
    spelt.collect()
}

/// Returns the body as text, if it is UTF-8 and its media type is text or missing. A body with a content encoding is never text, whatever
/// it looks like.
pub(crate) fn text<'b>(headers: &HeaderMap, body: &'b [u8]) -> Option<&'b str> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    let text = std::str::from_utf8(body).ok()?;
    let is_text = match headers.get(CONTENT_TYPE) {
        Some(media_type) => is_text(media_type.as_bytes()),
        None => !body.contains(&0),
    };
    (is_text || text.is_empty()).then_some(text)
}

fn is_text(media_type: &[u8]) -> bool {
    const APPLICATION: [&str; 12] = [
        "json",
        "xml",
        "javascript",
        "ecmascript",
        "yaml",
        "x-yaml",
        "x-www-form-urlencoded",
        "x-ndjson",
        "ndjson",
        "jsonl",
        "graphql",
        "sql",
    ];
    const SUFFIXES: [&str; 4] = ["+json", "+xml", "+yaml", "+json-seq"];
    let media_type = String::from_utf8_lossy(media_type).to_ascii_lowercase();
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || SUFFIXES.iter().any(|suffix| essence.ends_with(suffix))
        || essence.strip_prefix("application/").is_some_and(|subtype| APPLICATION.contains(&subtype))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_its_type_says() {
        for media_type in [
            "text/html; charset=utf-8",
            "Application/JSON",
            "application/problem+json",
            "image/svg+xml",
            "application/x-www-form-urlencoded",
            "application/x-ndjson;charset=utf-8",
            "application/graphql",
            "application/graphql-response+json",
            "application/javascript",
            " TEXT/CSV",
        ] {
            assert!(is_text(media_type.as_bytes()), "{media_type}");
        }
        for media_type in
            ["", "application/octet-stream", "image/png", "json", "text", "applicationjson", "font/woff2", ";"]
        {
            assert!(!is_text(media_type.as_bytes()), "{media_type}");
        }
    }

    #[test]
    fn a_name_is_spelt_in_many_ways() {
        let spelt: std::collections::BTreeSet<_> = (0..512).map(|i| cased("set-cookie", i)).collect();
        assert_eq!(spelt.len(), 512);
        assert!(spelt.iter().all(|name| name.eq_ignore_ascii_case("set-cookie")));
        assert_eq!(cased("set-cookie", 0), "set-cookie");
        assert_eq!(cased("set-cookie", usize::MAX), "SET-COOKIE");
    }
}
