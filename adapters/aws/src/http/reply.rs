//! A reply as the JSON document that each gateway reads.

use bytes::Bytes;
use http::{
    HeaderMap, HeaderName, HeaderValue, Response,
    header::{CONTENT_ENCODING, CONTENT_TYPE, SET_COOKIE},
    response::Parts,
};
use omnifn_core::{Payload, json::write_text};

use super::json;
use crate::detect::Shape;

pub(super) fn encode(shape: Shape, head: &Parts, body: &Bytes) -> Response<Payload> {
    // A body as base64 is a third longer; as text it may grow by its escapes.
    let mut out = Vec::with_capacity(body.len() + body.len() / 3 + 64 * head.headers.len() + 160);
    out.extend_from_slice(b"{");
    status(&mut out, head);
    match shape {
        Shape::HttpApiV2 | Shape::FunctionUrl => v2_headers(&mut out, &head.headers),
        Shape::RestV1 => all_values(&mut out, &head.headers),
        Shape::AlbMulti => {
            description(&mut out, head);
            all_values(&mut out, &head.headers);
        }
        Shape::Alb => {
            description(&mut out, head);
            one_value_each(&mut out, &head.headers);
        }
    }
    match text(&head.headers, body) {
        Some(text) => {
            out.extend_from_slice(b",\"isBase64Encoded\":false,\"body\":");
            write_text(&mut out, text);
        }
        None => {
            out.extend_from_slice(b",\"isBase64Encoded\":true,\"body\":\"");
            base64_simd::STANDARD.encode_append(body, &mut out);
            out.push(b'"');
        }
    }
    out.push(b'}');
    let mut response = Response::new(Payload::Whole(out.into()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// What precedes a streamed body. A REST API takes lists of values here, a Function URL does not.
pub(super) fn prelude(shape: Shape, head: &Parts) -> Bytes {
    let mut out = Vec::with_capacity(64 * head.headers.len() + 64);
    out.push(b'{');
    status(&mut out, head);
    match shape {
        Shape::RestV1 => all_values(&mut out, &head.headers),
        _ => v2_headers(&mut out, &head.headers),
    }
    out.push(b'}');
    out.into()
}

fn status(out: &mut Vec<u8>, head: &Parts) {
    out.extend_from_slice(b"\"statusCode\":");
    out.extend_from_slice(itoa::Buffer::new().format(head.status.as_u16()).as_bytes());
}

/// What a load balancer puts into the status line; one without a name has none.
fn description(out: &mut Vec<u8>, head: &Parts) {
    if let Some(reason) = head.status.canonical_reason() {
        out.extend_from_slice(b",\"statusDescription\":");
        write_text(out, &format!("{} {reason}", head.status.as_u16()));
    }
}

/// One text for each name; cookies apart, as a list that is always there: an emulator fails where it is not.
fn v2_headers(out: &mut Vec<u8>, headers: &HeaderMap) {
    out.extend_from_slice(b",\"headers\":");
    json::list(out, *b"{}", headers.keys().filter(|name| *name != SET_COOKIE), |out, name| {
        write_text(out, name.as_str());
        out.push(b':');
        joined(out, headers, name);
    });
    out.extend_from_slice(b",\"cookies\":");
    values(out, headers, &SET_COOKIE);
}

/// Every value of each name, in order.
fn all_values(out: &mut Vec<u8>, headers: &HeaderMap) {
    out.extend_from_slice(b",\"multiValueHeaders\":");
    json::list(out, *b"{}", headers.keys(), |out, name| {
        write_text(out, name.as_str());
        out.push(b':');
        values(out, headers, name);
    });
}

/// One text for each name. Of cookies, which cannot be joined, each has a name that differs in its upper-case letters: to
/// the load balancer they are several keys, to the client they are one name.
fn one_value_each(out: &mut Vec<u8>, headers: &HeaderMap) {
    out.extend_from_slice(b",\"headers\":");
    let cookies = headers.get_all(SET_COOKIE).iter().enumerate().map(|(i, value)| (&SET_COOKIE, Some((i, value))));
    let others = headers.keys().filter(|name| *name != SET_COOKIE).map(|name| (name, None));
    json::list(out, *b"{}", others.chain(cookies), |out, (name, cookie)| match cookie {
        None => {
            write_text(out, name.as_str());
            out.push(b':');
            joined(out, headers, name);
        }
        Some((i, value)) => {
            write_text(out, &cased(name.as_str(), i));
            out.push(b':');
            write_text(out, &json::header_value(value.as_bytes()));
        }
    });
}

/// The name, spelt in its `number`-th way.
fn cased(name: &str, number: usize) -> String {
    let mut letter = 0;
    let spelt = name.chars().map(|c| {
        let upper = c.is_ascii_alphabetic() && number.checked_shr(letter).unwrap_or(0) & 1 == 1;
        letter += u32::from(c.is_ascii_alphabetic());
        if upper { c.to_ascii_uppercase() } else { c }
    });
    spelt.collect()
}

fn values(out: &mut Vec<u8>, headers: &HeaderMap, name: &HeaderName) {
    json::list(out, *b"[]", headers.get_all(name), |out, value| {
        write_text(out, &json::header_value(value.as_bytes()));
    });
}

/// All values as one list (RFC 9110, 5.2).
fn joined(out: &mut Vec<u8>, headers: &HeaderMap, name: &HeaderName) {
    let mut values = headers.get_all(name).iter().map(|value| json::header_value(value.as_bytes()));
    let first = values.next().unwrap_or_default();
    match values.next() {
        None => write_text(out, &first),
        Some(second) => {
            let all: Vec<_> = [first, second].into_iter().chain(values).collect();
            write_text(out, &all.join(", "));
        }
    }
}

/// The body as text, where it is one and its type says so, or nothing is said of it. An encoded body is bytes, whatever
/// they look like.
pub(super) fn text<'b>(headers: &HeaderMap, body: &'b [u8]) -> Option<&'b str> {
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
    const APPLICATION: [&[u8]; 12] = [
        b"json",
        b"xml",
        b"javascript",
        b"ecmascript",
        b"yaml",
        b"x-yaml",
        b"x-www-form-urlencoded",
        b"x-ndjson",
        b"ndjson",
        b"jsonl",
        b"graphql",
        b"sql",
    ];
    const SUFFIXES: [&[u8]; 4] = [b"+json", b"+xml", b"+yaml", b"+json-seq"];
    let essence = media_type.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
    let is = |text: &[u8], known: &[u8]| text.eq_ignore_ascii_case(known);
    let starts = |prefix: &[u8]| essence.get(..prefix.len()).is_some_and(|start| is(start, prefix));
    let ends = |suffix: &&[u8]| {
        essence.len().checked_sub(suffix.len()).and_then(|at| essence.get(at..)).is_some_and(|end| is(end, suffix))
    };
    let application = |known: &&[u8]| essence.get(b"application/".len()..).is_some_and(|subtype| is(subtype, known));
    starts(b"text/") || SUFFIXES.iter().any(ends) || (starts(b"application/") && APPLICATION.iter().any(application))
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
