//! A reply in the envelope that the host reads.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use omnifn_core::{Error, ErrorKind, Payload, Reply, json, log::Journal};
use serde::{Serialize, Serializer};

/// Returns a complete envelope with status 200, because the host treats every other status as its own failure and drops the body.
pub(crate) fn encode(reply: Reply, journal: &Journal) -> Response<Payload> {
    let (head, payload) = reply.into_http().into_parts();
    let body = payload.whole().cloned().unwrap_or_default();
    let mut lines = journal.take();
    let envelope = match carried(&head.headers, &body) {
        Ok(text) => envelope(head.status, &head.headers, text, &lines),
        Err(why) => {
            let failed = Reply::Failed(Error::new(ErrorKind::Function, why)).into_http();
            let problem = failed.body().whole().cloned().unwrap_or_default();
            let problem = std::str::from_utf8(&problem).unwrap_or_default();
            lines.push(format!("ERROR omnifn: {why}"));
            envelope(failed.status(), failed.headers(), problem, &lines)
        }
    };
    respond(envelope)
}

/// Returns the body as text, or the reason why the envelope cannot carry the reply.
fn carried<'b>(headers: &HeaderMap, body: &'b Bytes) -> Result<&'b str, &'static str> {
    if headers.get_all(header::SET_COOKIE).iter().count() > 1 {
        return Err("the reply sets several cookies, which the envelope of the Functions host cannot carry: put \
                    \"enableProxyingHttpRequest\": true into \"customHandler\" of host.json");
    }
    std::str::from_utf8(body).map_err(|_| {
        "the reply's body is not UTF-8, which the envelope of the Functions host cannot carry: put \
         \"enableProxyingHttpRequest\": true into \"customHandler\" of host.json"
    })
}

/// The envelope that the host reads.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope<'a> {
    outputs: Outputs<'a>,
    /// The host logs each of these lines with the invocation.
    logs: &'a [String],
    return_value: (),
}

#[derive(Serialize)]
struct Outputs<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    res: Option<HttpOutput<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpOutput<'a> {
    status_code: u16,
    headers: Headers<'a>,
    body: &'a str,
}

/// Headers with one string for each name.
struct Headers<'a>(&'a HeaderMap);

impl Serialize for Headers<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // The host sets the length, because that of the text in the envelope may differ from that of the body.
        let is_length = |name: &HeaderName| *name == header::CONTENT_LENGTH || *name == header::TRANSFER_ENCODING;
        let names = self.0.keys().filter(|name| !is_length(name));
        serializer.collect_map(names.map(|name| {
            let values: Vec<_> = self.0.get_all(name).iter().map(characters).collect();
            (name.as_str(), values.join(", "))
        }))
    }
}

fn envelope(status: StatusCode, headers: &HeaderMap, body: &str, lines: &[String]) -> Bytes {
    let output = HttpOutput { status_code: status.as_u16(), headers: Headers(headers), body };
    json::to_bytes(&Envelope { outputs: Outputs { res: Some(output) }, logs: lines, return_value: () })
}

/// Returns an envelope without outputs, for an event.
pub(crate) fn acknowledged(lines: &[String]) -> Response<Payload> {
    respond(json::to_bytes(&Envelope { outputs: Outputs { res: None }, logs: lines, return_value: () }))
}

fn respond(document: Bytes) -> Response<Payload> {
    let mut response = Response::new(Payload::Whole(document));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// Returns a header's value as text. A value that is not UTF-8 is read as ISO-8859-1.
fn characters(value: &HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    }
}
