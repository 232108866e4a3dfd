//! A request in the host's envelope.

use std::{borrow::Cow, collections::BTreeMap};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header, request::Parts};
use omnifn_core::{Body, Call, Error, ErrorKind, Event, Target, place_in_json, uri};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Aside, without_prefix};
use crate::Azure;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    /// The values of the function's bindings, by their names: one is the request.
    #[serde(borrow)]
    data: BTreeMap<String, &'a RawValue>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct HttpTrigger<'a> {
    #[serde(borrow)]
    url: Cow<'a, str>,
    #[serde(borrow)]
    method: Cow<'a, str>,
    #[serde(default)]
    headers: Option<BTreeMap<String, Option<Values>>>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    identities: Option<&'a RawValue>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Values {
    One(String),
    Many(Vec<Option<String>>),
}

/// Reads the request in an envelope.
pub(super) fn open(azure: &Azure, head: &Parts, bytes: &Bytes) -> Result<Call, Error> {
    let text = std::str::from_utf8(bytes).map_err(|e| wrong("the envelope is no UTF-8").with_source(e))?;
    let envelope: Envelope<'_> = read(text, "envelope")?;
    let (name, trigger) = find(&envelope)?;
    let trigger: HttpTrigger<'_> = read(trigger.get(), name)?;
    let identities = trigger.identities.map(|json| json.get().to_owned());
    let request = request(azure, name, trigger)?;
    let function = head.uri.path().trim_start_matches('/').to_owned();
    let target = match azure.functions.named(&function).is_some() {
        true => Target::Function(function.clone()),
        false => Target::Route,
    };
    let aside = Aside { function: Some(function), identities };
    let mut invocation = azure.platform.invocation(&azure.host, &head.headers, request.headers(), Some(aside));
    invocation.raw = Some(bytes.clone());
    Ok(Call { event: Event::Http(request), target, invocation })
}

/// The binding that is a request: it alone has a `Url` and a `Method`.
fn find<'a>(envelope: &'a Envelope<'a>) -> Result<(&'a str, &'a RawValue), Error> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    #[expect(dead_code, reason = "only whether they are there")]
    struct Mark<'a> {
        #[serde(borrow)]
        url: &'a RawValue,
        #[serde(borrow)]
        method: &'a RawValue,
    }
    let is_request = |value: &RawValue| serde_json::from_str::<Mark<'_>>(value.get()).is_ok();
    let found = envelope.data.iter().find(|(_, value)| is_request(value));
    found.map(|(name, value)| (name.as_str(), *value)).ok_or_else(|| {
        let names = envelope.data.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let words = format!(
            "an envelope came without an HTTP request: its `Data` holds {}; this function takes HTTP requests, so its \
             `function.json` has an `httpTrigger`",
            if names.is_empty() { "nothing".to_owned() } else { names }
        );
        Error::new(ErrorKind::Unsupported, words)
    })
}

fn request(azure: &Azure, name: &str, trigger: HttpTrigger<'_>) -> Result<Request<Body>, Error> {
    let mut request = Request::new(Body::empty());
    *request.method_mut() = Method::from_bytes(trigger.method.as_bytes())
        .map_err(|e| wrong(format!("`Data.{name}.Method` is no method: {:?}", trigger.method)).with_source(e))?;
    let (authority, target) = split(&trigger.url);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    *request.uri_mut() = without_prefix(azure, uri::origin_form(path, query)?)?;
    let headers = request.headers_mut();
    for (name, values) in trigger.headers.into_iter().flatten() {
        match values {
            Some(Values::One(value)) => append(headers, &name, &value),
            Some(Values::Many(values)) => values.iter().flatten().for_each(|value| append(headers, &name, value)),
            None => {}
        }
    }
    if !headers.contains_key(header::HOST)
        && let Some(authority) = authority
    {
        append(headers, "host", authority);
    }
    let body = trigger.body.map(|body| content(name, body, request.headers())).transpose()?;
    *request.body_mut() = body.filter(|body| !body.is_empty()).map(Body::from).unwrap_or_else(Body::empty);
    Ok(request)
}

/// What HTTP cannot hold is left out.
fn append(headers: &mut HeaderMap, name: &str, value: &str) {
    if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::from_bytes(value.as_bytes())) {
        let _ = headers.try_append(name, value);
    }
}

/// A URL's host, and what follows it.
fn split(url: &str) -> (Option<&str>, &str) {
    match url.split_once("://") {
        Some((_, rest)) => {
            let at = rest.find(['/', '?']).unwrap_or(rest.len());
            (Some(&rest[..at]), &rest[at..])
        }
        None => (None, url),
    }
}

/// A body: text as it is; of these two media types, bytes as base64, without a mark that says so.
fn content(name: &str, body: &RawValue, headers: &HeaderMap) -> Result<Bytes, Error> {
    let Ok(text) = serde_json::from_str::<Option<Cow<'_, str>>>(body.get()) else {
        // Another JSON value: the host writes none, and its text is what it stands for.
        return Ok(body.get().to_owned().into());
    };
    let text = text.unwrap_or_default();
    if !is_base64(headers) {
        return Ok(text.into_owned().into());
    }
    base64_simd::STANDARD
        .decode_to_vec(text.as_bytes())
        .map(Bytes::from)
        .map_err(|_| wrong(format!("`Data.{name}.Body` of this media type is base64, and what came is none")))
}

/// Whether the host writes a body as base64.
pub(crate) fn is_base64(headers: &HeaderMap) -> bool {
    let media_type = headers.get(header::CONTENT_TYPE).map(|value| value.as_bytes().to_ascii_lowercase());
    media_type.is_some_and(|media| media.starts_with(b"application/octet-stream") || media.starts_with(b"multipart/"))
}

fn wrong(words: impl Into<Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Decode, words)
}

/// Reads JSON.
fn read<'a, T: Deserialize<'a>>(text: &'a str, what: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|error| {
        let place = place_in_json(text.as_bytes(), &error);
        let place = place.map(|place| format!(" at `{place}`")).unwrap_or_default();
        let words = format!(
            "the Functions host posts an envelope of JSON (`Data` and `Metadata`); the {what} that came cannot be read{place}"
        );
        wrong(words).with_json_source(&error)
    })
}
