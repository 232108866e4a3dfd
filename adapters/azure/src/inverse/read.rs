//! The response that a client receives for a reply envelope, as observed on a running host, 4.1045.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response, StatusCode, header};
use omnifn_core::{Error, ErrorKind};
use serde::Deserialize;
use serde_json::Value;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    outputs: BTreeMap<String, Value>,
    #[serde(default)]
    #[expect(dead_code, reason = "the host accepts only envelopes whose logs are a list of strings")]
    logs: Option<Vec<String>>,
}

/// An HTTP output, as far as the host reads it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HttpOutput {
    status_code: u16,
    #[serde(default)]
    headers: Option<BTreeMap<String, String>>,
    #[serde(default)]
    body: Option<String>,
}

/// The client's view, but for the `; charset=utf-8` that the host adds to a media type that names no character set.
///
/// # Errors
/// Where the host would wait for ever.
pub(super) fn enveloped(reply: &Response<Bytes>) -> Result<Response<Bytes>, Error> {
    if matches!(reply.body().trim_ascii(), b"" | b"null") {
        return Err(Error::new(ErrorKind::Decode, "an empty reply: the host waits until the function times out"));
    }
    let json = reply.headers().get(header::CONTENT_TYPE);
    let json = json.is_some_and(|media_type| media_type.as_bytes().starts_with(b"application/json"));
    if !reply.status().is_success() || !json {
        return Ok(failed());
    }
    let output = serde_json::from_slice::<Envelope>(reply.body()).ok();
    let output = output.and_then(|mut envelope| envelope.outputs.remove("res"));
    let response = output.and_then(|output| serde_json::from_value(output).ok()).and_then(response);
    Ok(response.unwrap_or_else(failed))
}

fn response(output: HttpOutput) -> Option<Response<Bytes>> {
    let status = StatusCode::from_u16(output.status_code).ok()?;
    let bodiless = status.is_informational() || matches!(status.as_u16(), 204 | 304);
    let body = output.body.unwrap_or_default();
    let mut response = Response::new(if bodiless { Bytes::new() } else { body.into() });
    *response.status_mut() = status;
    for (name, value) in output.headers.into_iter().flatten() {
        let name: HeaderName = name.parse().ok()?;
        response.headers_mut().insert(name, HeaderValue::try_from(value).ok()?);
    }
    Some(response)
}

/// The host's response to its client where it does not accept the reply.
fn failed() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
