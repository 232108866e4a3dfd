//! A request in the host's envelope.

mod careful;
mod usual;

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header, request::Parts};
use omnifn_core::{Body, Call, Error, ErrorKind, Target, uri};

use super::{Aside, without_prefix};
use crate::Azure;

/// What an envelope says of the request.
#[derive(Debug, PartialEq)]
struct Sent<'a> {
    /// The name of the binding.
    name: Cow<'a, str>,
    url: Cow<'a, str>,
    method: Cow<'a, str>,
    headers: HeaderMap,
    body: Content<'a>,
    /// JSON.
    identities: Option<&'a str>,
}

#[derive(Debug, PartialEq)]
enum Content<'a> {
    Text(Cow<'a, str>),
    /// Another JSON value: the host writes none, and its text is what it stands for.
    Json(&'a str),
}

/// Reads the request in an envelope.
pub(super) fn open(azure: &Azure, head: &Parts, bytes: &Bytes) -> Result<Call, Error> {
    let text = std::str::from_utf8(bytes).map_err(|e| wrong("the envelope is no UTF-8").with_source(e))?;
    let sent = match usual::read(text, bytes) {
        Some(sent) => sent,
        None => careful::read(text)?,
    };
    let identities = sent.identities.map(str::to_owned);
    let request = request(azure, sent, bytes)?;
    let function = head.uri.path().trim_start_matches('/').to_owned();
    let target = match azure.functions.named(&function).is_some() {
        true => Target::Function(function.clone()),
        false => Target::Route,
    };
    let aside = Aside { function: Some(function), identities };
    let mut invocation = azure.platform.invocation(&azure.host, &head.headers, request.headers(), Some(aside));
    invocation.raw = Some(bytes.clone());
    Ok(Call { request, target, invocation })
}

fn request(azure: &Azure, sent: Sent<'_>, envelope: &Bytes) -> Result<Request<Body>, Error> {
    let Sent { name, url, method, mut headers, body, .. } = sent;
    let method = Method::from_bytes(method.as_bytes())
        .map_err(|e| wrong(format!("`Data.{name}.Method` is no method: {method:?}")).with_source(e))?;
    let (authority, target) = split(&url);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let uri = without_prefix(azure, uri::origin_form(path, query)?)?;
    if !headers.contains_key(header::HOST)
        && let Some(authority) = authority
        && let Ok(host) = HeaderValue::from_bytes(authority.as_bytes())
    {
        let _ = headers.try_append(header::HOST, host);
    }
    let body = content(&name, body, &headers, envelope)?;
    let mut request = Request::new(if body.is_empty() { Body::empty() } else { Body::from(body) });
    (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
    Ok(request)
}

/// A header's name and value; what HTTP cannot hold is left out.
fn field(name: &str, value: Bytes) -> Option<(HeaderName, HeaderValue)> {
    Some((HeaderName::try_from(name).ok()?, HeaderValue::from_maybe_shared(value).ok()?))
}

/// A text as bytes: as a part of the envelope where it stands in it.
fn shared(text: Cow<'_, str>, envelope: &Bytes) -> Bytes {
    match text {
        Cow::Borrowed(part) if !part.is_empty() => envelope.slice_ref(part.as_bytes()),
        text => text.into_owned().into(),
    }
}

/// A URL's host, and what follows it.
fn split(url: &str) -> (Option<&str>, &str) {
    // Nearly every URL begins with one of these, and need not be searched for its scheme.
    let usual = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"));
    let Some(rest) = usual.or_else(|| url.split_once("://").map(|(_, rest)| rest)) else { return (None, url) };
    let at = rest.bytes().position(|byte| matches!(byte, b'/' | b'?')).unwrap_or(rest.len());
    let (host, target) = rest.split_at(at);
    (Some(host), target)
}

/// A body: text as it is; of these two media types, bytes as base64, without a mark that says so.
fn content(name: &str, body: Content<'_>, headers: &HeaderMap, envelope: &Bytes) -> Result<Bytes, Error> {
    let text = match body {
        Content::Text(text) => text,
        Content::Json(json) => return Ok(shared(json.into(), envelope)),
    };
    if !is_base64(headers) {
        return Ok(shared(text, envelope));
    }
    base64_simd::STANDARD
        .decode_to_vec(text.as_bytes())
        .map(Bytes::from)
        .map_err(|_| wrong(format!("`Data.{name}.Body` of this media type is base64, and what came is none")))
}

/// Whether the host writes a body as base64.
pub(crate) fn is_base64(headers: &HeaderMap) -> bool {
    let begins = |media_type: &[u8], with: &[u8]| {
        media_type.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with))
    };
    headers
        .get(header::CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .is_some_and(|media_type| begins(media_type, b"application/octet-stream") || begins(media_type, b"multipart/"))
}

fn wrong(words: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Decode, words)
}

#[cfg(test)]
mod tests;
