//! A request in the host's envelope.

use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, header, request::Parts};
use omnifn_core::{
    Body, Call, Error, ErrorKind, Target,
    json::{self, Entries, Str},
    log::{cut, cut_to},
    uri,
};
use serde::{
    Deserialize,
    de::{self, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::value::RawValue;

use super::without_prefix;
use crate::{Azure, context};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    /// The values of the function's bindings, by their names: one is the request.
    #[serde(borrow)]
    data: Entries<Binding<'a>>,
}

/// The value of a binding.
enum Binding<'a> {
    Object(Box<Fields<'a>>),
    Other,
}

/// The members of a binding's object. Only a request has a `Url` and a `Method`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Fields<'a> {
    #[serde(borrow)]
    url: Option<Str<'a>>,
    #[serde(borrow)]
    method: Option<Str<'a>>,
    #[serde(borrow)]
    headers: Option<json::Fields<'a>>,
    #[serde(borrow)]
    body: Option<&'a RawValue>,
    #[serde(borrow)]
    identities: Option<&'a RawValue>,
}

/// Visits a value once, whatever it is.
struct BindingVisitor;

impl<'de: 'a, 'a> Deserialize<'de> for Binding<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(BindingVisitor)
    }
}

impl<'de> Visitor<'de> for BindingVisitor {
    type Value = Binding<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Binding<'de>, A::Error> {
        Fields::deserialize(MapAccessDeserializer::new(map)).map(|fields| Binding::Object(Box::new(fields)))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Binding<'de>, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Binding::Other)
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Binding<'de>, E> {
        Ok(Binding::Other)
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Binding<'de>, E> {
        Ok(Binding::Other)
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Binding<'de>, E> {
        Ok(Binding::Other)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Binding<'de>, E> {
        Ok(Binding::Other)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Binding<'de>, E> {
        Ok(Binding::Other)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Binding<'de>, E> {
        Ok(Binding::Other)
    }
}

/// Reads the request in an envelope.
pub(super) fn open(azure: &Azure, head: &Parts, bytes: &Bytes) -> Result<Call, Error> {
    std::str::from_utf8(bytes)
        .map_err(|e| Error::new(ErrorKind::Decode, "the envelope is not valid UTF-8").with_source(e))?;
    let envelope: Envelope<'_> = json::object(bytes, "the envelope of the Functions host (`Data` and `Metadata`)")?;
    let (name, url, method, binding) = find(envelope)?;
    let identities = binding.identities.map(|json| json.get().to_owned());
    let request = request(azure, &name, url, method, binding, bytes)?;
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

/// The most names of bindings in an error.
const SHOWN: usize = 8;

/// Returns the binding that is a request, with its name, URL, and method.
fn find(envelope: Envelope<'_>) -> Result<(String, Str<'_>, Str<'_>, Fields<'_>), Error> {
    let mut names = Vec::new();
    for (name, binding) in envelope.data.0 {
        if let Binding::Object(mut fields) = binding
            && let (Some(url), Some(method)) = (fields.url.take(), fields.method.take())
        {
            return Ok((name, url, method, *fields));
        }
        if names.len() < SHOWN {
            names.push(format!("`{}`", cut_to(&name, 100)));
        }
    }
    let text = format!(
        "received an envelope without an HTTP request: its `Data` contains {}; this function takes HTTP requests, so its \
         `function.json` must have an `httpTrigger`",
        if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
    );
    Err(Error::new(ErrorKind::Unsupported, text))
}

fn request(
    azure: &Azure,
    name: &str,
    url: Str<'_>,
    method: Str<'_>,
    binding: Fields<'_>,
    envelope: &Bytes,
) -> Result<Request<Body>, Error> {
    let wrong = |text: String| Error::new(ErrorKind::Decode, text);
    let name = cut_to(name, 100);
    let method = Method::from_bytes(method.as_bytes())
        .map_err(|e| wrong(format!("`Data.{name}.Method` is not a valid method: {:?}", cut(&method))).with_source(e))?;
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
    let text = binding.body.and_then(|body| json::parse_str::<Str<'_>>(body.get()).ok());
    let body = match text {
        // The host writes bodies of these two media types as base64, without marking them.
        Some(text) if is_base64(&headers) => base64_simd::STANDARD
            .decode_to_vec(text.as_bytes())
            .map(Bytes::from)
            .map_err(|_| wrong(format!("`Data.{name}.Body` of this media type is not valid base64")))?,
        Some(text) => text.into_bytes(envelope),
        // The host never writes a value that is not a string.
        None => binding.body.map(|body| json::slice(envelope, body.get().as_bytes())).unwrap_or_default(),
    };
    let mut request = Request::new(if body.is_empty() { Body::empty() } else { Body::from(body) });
    (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, uri, headers);
    Ok(request)
}

/// Reads headers. Names and values that HTTP does not allow are left out.
fn headers(fields: json::Fields<'_>, envelope: &Bytes) -> HeaderMap {
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
