//! A request in the host's envelope.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header, request::Parts};
use omnifn_core::{
    Body, Call, Error, ErrorKind, Target,
    json::{self, Fields, Str},
    uri,
};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::without_prefix;
use crate::{Azure, context};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    /// The values of the function's bindings, by their names: one is the request.
    #[serde(borrow)]
    data: BTreeMap<Str<'a>, &'a RawValue>,
}

/// A binding. Only a request has a `Url` and a `Method`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Binding<'a> {
    #[serde(borrow)]
    url: Option<Str<'a>>,
    #[serde(borrow)]
    method: Option<Str<'a>>,
    #[serde(borrow)]
    headers: Option<Fields<'a>>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    identities: Option<&'a RawValue>,
}

/// Reads the request in an envelope.
pub(super) fn open(azure: &Azure, head: &Parts, bytes: &Bytes) -> Result<Call, Error> {
    std::str::from_utf8(bytes)
        .map_err(|e| Error::new(ErrorKind::Decode, "the envelope is not valid UTF-8").with_source(e))?;
    let envelope: Envelope<'_> = json::object(bytes, "the envelope of the Functions host (`Data` and `Metadata`)")?;
    let (name, url, method, binding) = find(&envelope)?;
    let identities = binding.identities.map(|json| json.get().to_owned());
    let request = request(azure, name, url, method, binding, bytes)?;
    let function = head.uri.path().trim_start_matches('/').to_owned();
    let target = match azure.functions.named(&function).is_some() {
        true => Target::Function(function.clone()),
        false => Target::Route,
    };
    let envelope = context::Envelope { function: Some(function), identities };
    let mut invocation = azure.platform.invocation(&azure.host, &head.headers, request.headers(), Some(envelope));
    invocation.raw = Some(bytes.clone());
    Ok(Call { request, target, invocation })
}

/// Returns the binding that is a request, with its name, URL, and method.
fn find<'e, 'a>(envelope: &'e Envelope<'a>) -> Result<(&'e str, Str<'a>, Str<'a>, Binding<'a>), Error> {
    let mut unreadable = None;
    for (name, value) in envelope.data.iter().filter(|(_, value)| value.get().starts_with('{')) {
        match json::object::<Binding<'a>>(value.get().as_bytes(), format_args!("`Data.{}` of the envelope", &**name)) {
            Ok(mut binding) => {
                if let (Some(url), Some(method)) = (binding.url.take(), binding.method.take()) {
                    return Ok((name, url, method, binding));
                }
            }
            Err(error) => unreadable = Some(error),
        }
    }
    Err(unreadable.unwrap_or_else(|| {
        let names = envelope.data.keys().map(|name| format!("`{}`", &**name)).collect::<Vec<_>>().join(", ");
        let text = format!(
            "an envelope came without an HTTP request: its `Data` holds {}; this function takes HTTP requests, so its \
             `function.json` has an `httpTrigger`",
            if names.is_empty() { "nothing".to_owned() } else { names }
        );
        Error::new(ErrorKind::Unsupported, text)
    }))
}

fn request(
    azure: &Azure,
    name: &str,
    url: Str<'_>,
    method: Str<'_>,
    binding: Binding<'_>,
    envelope: &Bytes,
) -> Result<Request<Body>, Error> {
    let wrong = |text: String| Error::new(ErrorKind::Decode, text);
    let method = Method::from_bytes(method.as_bytes())
        .map_err(|e| wrong(format!("`Data.{name}.Method` is not a valid method: {:?}", &*method)).with_source(e))?;
    let (authority, target) = split(&url);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let uri = without_prefix(azure, uri::origin_form(path, query)?)?;
    let mut headers = headers(binding.headers.unwrap_or_default(), envelope);
    if !headers.contains_key(header::HOST)
        && let Some(authority) = authority
        && let Ok(host) = HeaderValue::from_str(authority)
    {
        let _ = headers.try_append(header::HOST, host);
    }
    let body = match binding.body {
        None => Bytes::new(),
        Some(json) => match serde_json::from_str::<Str<'_>>(json.get()) {
            // The host writes bodies of these two media types as base64, without marking them.
            Ok(text) if is_base64(&headers) => base64_simd::STANDARD
                .decode_to_vec(text.as_bytes())
                .map(Bytes::from)
                .map_err(|_| wrong(format!("`Data.{name}.Body` of this media type is not valid base64")))?,
            Ok(text) => text.into_bytes(envelope),
            // The host writes no other JSON value. If it did, its text would be the body.
            Err(_) => json::slice(envelope, json.get().as_bytes()),
        },
    };
    let mut request = Request::new(if body.is_empty() { Body::empty() } else { Body::from(body) });
    (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
    Ok(request)
}

/// Reads headers. Names and values that HTTP does not allow are left out.
fn headers(fields: Fields<'_>, envelope: &Bytes) -> HeaderMap {
    let mut headers = HeaderMap::with_capacity(fields.0.len().min(64));
    for (name, value) in fields.0 {
        let (name, value) = (HeaderName::from_bytes(&name), HeaderValue::from_maybe_shared(value.into_bytes(envelope)));
        if let (Ok(name), Ok(value)) = (name, value) {
            let _ = headers.try_append(name, value);
        }
    }
    headers
}

/// Splits a URL into its authority and what follows it.
fn split(url: &str) -> (Option<&str>, &str) {
    let Some((_, rest)) = url.split_once("://") else { return (None, url) };
    let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    (Some(authority), target)
}

/// Returns whether the host writes a body as base64.
pub(crate) fn is_base64(headers: &HeaderMap) -> bool {
    let media_type =
        headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default().to_ascii_lowercase();
    media_type.starts_with(b"application/octet-stream") || media_type.starts_with(b"multipart/")
}
