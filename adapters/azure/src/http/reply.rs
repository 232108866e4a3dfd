//! A reply in the envelope that the host reads.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use omnifn_core::{Error, ErrorKind, Payload, Reply, json::write_text, log::Journal};

/// Always a whole envelope with status 200, for the host takes every other status as its own failure, and drops the body.
pub(crate) fn encode(reply: Reply, journal: &Journal) -> Response<Payload> {
    let (mut head, payload) = reply.into_http().into_parts();
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
    let mut response = Response::new(Payload::from(envelope));
    // The map that is there has room for the one header.
    head.headers.clear();
    head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    *response.headers_mut() = head.headers;
    response
}

/// The body as text, or why the envelope cannot carry the reply.
fn carried<'b>(headers: &HeaderMap, body: &'b Bytes) -> Result<&'b str, &'static str> {
    if headers.get_all(header::SET_COOKIE).iter().count() > 1 {
        return Err("the reply sets several cookies, which the envelope of the Functions host cannot carry: put \
                    \"enableProxyingHttpRequest\": true into \"customHandler\" of host.json");
    }
    std::str::from_utf8(body).map_err(|_| {
        "the reply's body is no UTF-8, which the envelope of the Functions host cannot carry: put \
         \"enableProxyingHttpRequest\": true into \"customHandler\" of host.json"
    })
}

fn envelope(status: StatusCode, headers: &HeaderMap, body: &str, lines: &[String]) -> Vec<u8> {
    let logged = lines.iter().map(|line| line.len() + 8).sum::<usize>();
    let mut out = Vec::with_capacity(body.len() + body.len() / 8 + 64 * headers.len() + logged + 128);
    out.extend_from_slice(b"{\"Outputs\":{\"res\":{\"statusCode\":");
    out.extend_from_slice(itoa::Buffer::new().format(status.as_u16()).as_bytes());
    out.extend_from_slice(b",\"headers\":{");
    // The length is the host's affair: that of the envelope's text need not be that of the body.
    let names = headers.keys().filter(|name| *name != header::CONTENT_LENGTH && *name != header::TRANSFER_ENCODING);
    for (i, name) in names.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_text(&mut out, name.as_str());
        out.push(b':');
        let mut values = headers.get_all(name).iter().map(|value| characters(value.as_bytes()));
        match (values.next(), values.next()) {
            (Some(only), None) => write_text(&mut out, &only),
            (first, second) => {
                let values: Vec<_> = first.into_iter().chain(second).chain(values).collect();
                write_text(&mut out, &values.join(", "));
            }
        }
    }
    out.extend_from_slice(b"},\"body\":");
    write_text(&mut out, body);
    out.extend_from_slice(b"}},\"Logs\":[");
    logs(&mut out, lines);
    out.extend_from_slice(b"],\"ReturnValue\":null}");
    out
}

/// The lines as the elements of `Logs`: the host logs each with the invocation.
pub(crate) fn logs(out: &mut Vec<u8>, lines: &[String]) {
    for (i, line) in lines.iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write_text(out, line);
    }
}

/// A header's value as text; one that is no UTF-8 as the characters of ISO-8859-1 that its bytes are.
fn characters(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.iter().copied().map(char::from).collect()),
    }
}
