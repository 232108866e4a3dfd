//! A request as the host passes it on, in each of its modes as it was seen on a running host, 4.1045: joined headers and query values, the
//! headers that it adds, and the members of an envelope with their media types.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri, header, uri::PathAndQuery};
use omnifn_core::{Error, ErrorKind, Peer, uri};
use serde::Serialize;

use crate::{
    detect::{HOST_VERSION, INVOCATION_ID},
    http::http_envelope::is_base64,
};

/// The folder of the one function that takes all paths, which an envelope is posted to.
const FUNCTION: &str = "app";

/// Proxies a request unchanged, with the client's address and host in additional headers.
pub(super) fn proxied(mut request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
    let peer = request.extensions().get::<Peer>().map(|peer| peer.0.ip().to_string());
    let headers = request.headers_mut();
    join_repeated(headers)?;
    let host = headers.insert(header::HOST, HeaderValue::from_static("127.0.0.1:40001"));
    let added = [
        ("x-forwarded-for", peer.map(HeaderValue::try_from).transpose()?),
        ("x-forwarded-host", host),
        ("x-forwarded-proto", Some(HeaderValue::from_static("http"))),
    ];
    for (name, value) in added {
        let Some(value) = value else { continue };
        let all = match headers.get(name) {
            Some(before) => HeaderValue::from_bytes(&[before.as_bytes(), value.as_bytes()].join(&b", "[..]))?,
            None => value,
        };
        headers.insert(name, all);
    }
    Ok(request)
}

/// Whole, its query decoded and written anew, with the values of a repeated key joined.
pub(super) fn forwarded(mut request: Request<Bytes>) -> Result<Request<Bytes>, Error> {
    if let Some(query) = request.uri().query() {
        let pairs = keys(query).into_iter();
        let pairs =
            pairs.map(|(key, values)| format!("{}={}", uri::encode_query(&key), uri::encode_query(&values.join(","))));
        let query = pairs.collect::<Vec<_>>().join("&");
        *request.uri_mut() = uri::origin_form(request.uri().path(), &query)?;
    }
    let headers = request.headers_mut();
    join_repeated(headers)?;
    sign(headers);
    Ok(request)
}

/// In an envelope.
pub(super) fn enveloped(request: &Request<Bytes>) -> Result<Request<Bytes>, Error> {
    let mut fields: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, value) in request.headers() {
        let value = std::str::from_utf8(value.as_bytes())
            .map_err(|e| unsupported(format!("an envelope cannot carry the header {name}: it is not UTF-8"), e))?;
        fields.entry(name.as_str()).or_default().push(value);
    }
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("localhost");
    let target = request.uri().path_and_query().map_or("/", PathAndQuery::as_str);
    let envelope = Envelope {
        data: Data {
            req: HttpTrigger {
                url: format!("http://{host}{target}"),
                method: request.method().as_str(),
                query: keys(request.uri().query().unwrap_or_default())
                    .into_iter()
                    .map(|(key, values)| (key, values.join(",")))
                    .collect(),
                headers: fields,
                params: BTreeMap::new(),
                identities: [],
                body: body(request)?,
            },
        },
        metadata: BTreeMap::new(),
    };
    let text =
        serde_json::to_vec(&envelope).map_err(|e| unsupported("the envelope cannot be written".to_owned(), e))?;
    let mut message = Request::post(Uri::try_from(format!("/{FUNCTION}"))?).body(Bytes::from(text))?;
    let media_type = HeaderValue::from_static("application/json; charset=utf-8");
    message.headers_mut().insert(header::CONTENT_TYPE, media_type);
    sign(message.headers_mut());
    Ok(message)
}

/// The parts of an envelope in the order in which the host writes them.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    data: Data<'a>,
    metadata: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Data<'a> {
    req: HttpTrigger<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct HttpTrigger<'a> {
    url: String,
    method: &'a str,
    query: BTreeMap<String, String>,
    headers: BTreeMap<&'a str, Vec<&'a str>>,
    params: BTreeMap<String, String>,
    identities: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<String>,
}

fn body(request: &Request<Bytes>) -> Result<Option<String>, Error> {
    let body = request.body();
    if body.is_empty() {
        return Ok(None);
    }
    if is_base64(request.headers()) {
        return Ok(Some(base64_simd::STANDARD.encode_to_string(body)));
    }
    let text = std::str::from_utf8(body).map_err(|e| {
        unsupported("an envelope cannot carry a body of this media type that is not UTF-8".to_owned(), e)
    })?;
    Ok(Some(text.to_owned()))
}

/// The keys of a query with their values, as a form is read.
fn keys(query: &str) -> Vec<(String, Vec<String>)> {
    let mut keys: Vec<(String, Vec<String>)> = Vec::new();
    let pairs: Vec<(String, String)> = serde_html_form::from_str(query).unwrap_or_default();
    for (key, value) in pairs {
        match keys.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => keys.push((key, vec![value])),
        }
    }
    keys
}

/// One line for each name: cookies by their own sign, others by a comma.
fn join_repeated(headers: &mut HeaderMap) -> Result<(), Error> {
    let names: Vec<HeaderName> = headers.keys().cloned().collect();
    for name in names {
        let values: Vec<_> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        if values.len() > 1 {
            let sign: &[u8] = if name == header::COOKIE { b"; " } else { b", " };
            let joined = HeaderValue::from_bytes(&values.join(sign))?;
            headers.insert(name, joined);
        }
    }
    Ok(())
}

/// Adds the host's headers about the invocation and itself, after those that a client may have sent.
pub(super) fn sign(headers: &mut HeaderMap) {
    headers.append(INVOCATION_ID, HeaderValue::from_static("8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11"));
    headers.append(HOST_VERSION, HeaderValue::from_static("4.1045.200.0"));
}

fn unsupported(words: String, source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Unsupported, words).with_source(source)
}
