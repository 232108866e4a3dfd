//! A request as the event that a gateway makes of it.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, header::COOKIE, request::Parts};
use omnifn_core::{Error, ErrorKind, Peer, json::write_text};

use crate::{
    detect::Shape,
    http::{body_as_text, json},
};

pub(super) fn event(shape: Shape, head: &Parts, body: &Bytes) -> Result<Bytes, Error> {
    let mut event = Object::open(body.len() + body.len() / 3 + 1024);
    match shape {
        Shape::HttpApiV2 | Shape::FunctionUrl => v2(&mut event, shape, head),
        Shape::RestV1 => v1(&mut event, head),
        Shape::Alb => alb_single(&mut event, head)?,
        Shape::AlbMulti => alb_multi(&mut event, head),
    }
    match body_as_text(&head.headers, body) {
        Some("") if shape == Shape::RestV1 => event.raw("body", b"null"),
        Some("") if matches!(shape, Shape::HttpApiV2 | Shape::FunctionUrl) => {}
        Some(text) => event.text("body", text.as_bytes()),
        None => event.text("body", base64_simd::STANDARD.encode_to_string(body).as_bytes()),
    }
    let encoded = body_as_text(&head.headers, body).is_none();
    event.raw("isBase64Encoded", if encoded { b"true" } else { b"false" });
    Ok(event.close().into())
}

fn v2(event: &mut Object, shape: Shape, head: &Parts) {
    let (path, query) = (head.uri.path(), head.uri.query().unwrap_or_default());
    event.text("version", b"2.0");
    event.text("routeKey", b"$default");
    event.text("rawPath", path.as_bytes());
    event.text("rawQueryString", query.as_bytes());
    let cookies: Vec<_> = head.headers.get_all(COOKIE).iter().map(|value| value.as_bytes()).collect();
    if !cookies.is_empty() {
        let joined = cookies.join(&b"; "[..]);
        event.write("cookies", |out| json::list(out, *b"[]", split(&joined, b"; "), quote));
    }
    event.write("headers", |out| {
        // A Function URL leaves the cookies among the headers, too.
        let names = head.headers.keys().filter(|name| shape == Shape::FunctionUrl || *name != COOKIE);
        pairs(out, names.map(|name| (name.as_str().as_bytes(), joined(&head.headers, name))));
    });
    let domain: &[u8] = match shape {
        Shape::FunctionUrl => b"example.lambda-url.us-east-1.on.aws",
        _ => b"example.execute-api.us-east-1.amazonaws.com",
    };
    event.object("requestContext", |context| {
        context.text("domainName", domain);
        context.object("http", |http| {
            http.text("method", head.method.as_str().as_bytes());
            http.text("path", path.as_bytes());
            source_ip(http, head);
        });
        context.text("stage", b"$default");
    });
}

fn v1(event: &mut Object, head: &Parts) {
    let path = head.uri.path();
    event.text("resource", b"/{proxy+}");
    event.text("path", path.as_bytes());
    event.text("httpMethod", head.method.as_str().as_bytes());
    last_values(event, "headers", &headers(head));
    all_values(event, "multiValueHeaders", &headers(head));
    let query = query(head, decoded);
    if query.is_empty() {
        event.raw("queryStringParameters", b"null");
        event.raw("multiValueQueryStringParameters", b"null");
    } else {
        last_values(event, "queryStringParameters", &query);
        all_values(event, "multiValueQueryStringParameters", &query);
    }
    event.object("pathParameters", |parameters| {
        parameters.text("proxy", path.strip_prefix('/').unwrap_or(path).as_bytes());
    });
    event.raw("stageVariables", b"null");
    event.object("requestContext", |context| {
        context.text("domainName", b"example.execute-api.us-east-1.amazonaws.com");
        context.text("path", format!("/prod{path}").as_bytes());
        context.text("stage", b"prod");
        context.object("identity", |identity| source_ip(identity, head));
    });
}

fn alb_single(event: &mut Object, head: &Parts) -> Result<(), Error> {
    let (headers, query) = (headers(head), query(head, Cow::Borrowed));
    for (what, values) in [("header", &headers), ("query key", &query)] {
        if let Some((name, _)) = values.iter().find(|(_, values)| values.len() > 1) {
            let words = format!(
                "a load balancer that sends one value for each {what} cannot carry the {what} {:?} several times",
                String::from_utf8_lossy(name)
            );
            return Err(Error::new(ErrorKind::Unsupported, words));
        }
    }
    alb(event, head);
    last_values(event, "queryStringParameters", &query);
    last_values(event, "headers", &headers);
    Ok(())
}

fn alb_multi(event: &mut Object, head: &Parts) {
    alb(event, head);
    all_values(event, "multiValueQueryStringParameters", &query(head, Cow::Borrowed));
    all_values(event, "multiValueHeaders", &headers(head));
}

fn alb(event: &mut Object, head: &Parts) {
    const TARGET_GROUP: &[u8] =
        b"arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/example/0123456789abcdef";
    event.object("requestContext", |context| {
        context.object("elb", |elb| elb.text("targetGroupArn", TARGET_GROUP));
    });
    event.text("httpMethod", head.method.as_str().as_bytes());
    event.text("path", head.uri.path().as_bytes());
}

/// Names and their values, in the order in which the names came first.
type Grouped<'h> = Vec<(Cow<'h, [u8]>, Vec<Cow<'h, [u8]>>)>;

fn headers(head: &Parts) -> Grouped<'_> {
    let values = |name: &HeaderName| match *name == COOKIE {
        true => vec![joined(&head.headers, name)],
        false => head.headers.get_all(name).iter().map(|value| Cow::Borrowed(value.as_bytes())).collect(),
    };
    head.headers.keys().map(|name| (Cow::Borrowed(name.as_str().as_bytes()), values(name))).collect()
}

fn query<'h>(head: &'h Parts, read: fn(&'h [u8]) -> Cow<'h, [u8]>) -> Grouped<'h> {
    let query = head.uri.query().unwrap_or_default();
    let mut grouped = Grouped::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (read(key.as_bytes()), read(value.as_bytes()));
        match grouped.iter_mut().find(|(known, _)| *known == key) {
            Some((_, values)) => values.push(value),
            None => grouped.push((key, vec![value])),
        }
    }
    grouped
}

/// As a form is read.
fn decoded(text: &[u8]) -> Cow<'_, [u8]> {
    let spaced: Vec<u8> = text.iter().map(|byte| if *byte == b'+' { b' ' } else { *byte }).collect();
    percent_encoding::percent_decode(&spaced).collect::<Vec<_>>().into()
}

/// All values of a header as one: cookies by their own sign, others by a comma.
fn joined<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Cow<'h, [u8]> {
    let mut values = headers.get_all(name).iter().map(|value| value.as_bytes());
    let first = values.next().unwrap_or_default();
    let rest: Vec<_> = values.collect();
    if rest.is_empty() {
        return Cow::Borrowed(first);
    }
    let sign: &[u8] = if *name == COOKIE { b"; " } else { b"," };
    Cow::Owned([&[first], &rest[..]].concat().join(sign))
}

fn split<'t>(text: &'t [u8], sign: &[u8; 2]) -> Vec<&'t [u8]> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.windows(2).position(|pair| pair == sign) {
        let (part, behind) = rest.split_at(at);
        parts.push(part);
        rest = behind.get(2..).unwrap_or_default();
    }
    parts.push(rest);
    parts
}

fn last_values(event: &mut Object, key: &str, grouped: &Grouped<'_>) {
    let last = grouped.iter().map(|(name, values)| (&**name, values.last().cloned().unwrap_or_default()));
    event.write(key, |out| pairs(out, last));
}

fn all_values(event: &mut Object, key: &str, grouped: &Grouped<'_>) {
    event.write(key, |out| {
        json::list(out, *b"{}", grouped, |out, (name, values)| {
            quote(out, name);
            out.push(b':');
            json::list(out, *b"[]", values, |out, value| quote(out, value));
        });
    });
}

fn pairs<'t>(out: &mut Vec<u8>, pairs: impl Iterator<Item = (&'t [u8], Cow<'t, [u8]>)>) {
    json::list(out, *b"{}", pairs, |out, (name, value)| {
        quote(out, name);
        out.push(b':');
        quote(out, &value);
    });
}

fn source_ip(object: &mut Object, head: &Parts) {
    if let Some(Peer(address)) = head.extensions.get() {
        object.text("sourceIp", address.ip().to_string().as_bytes());
    }
}

/// Writes bytes as a text. One that is no UTF-8 is passed on as it is: a load balancer was seen to do so.
fn quote(out: &mut Vec<u8>, text: &[u8]) {
    out.push(b'"');
    for chunk in text.utf8_chunks() {
        let start = out.len();
        write_text(out, chunk.valid());
        // Without the quotes, for this is a part of the text.
        out.pop();
        out.remove(start);
        out.extend_from_slice(chunk.invalid());
    }
    out.push(b'"');
}

/// A JSON object that is being written.
struct Object(Vec<u8>);

impl Object {
    fn open(capacity: usize) -> Self {
        let mut out = Vec::with_capacity(capacity);
        out.push(b'{');
        Object(out)
    }

    fn close(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }

    fn write(&mut self, key: &str, value: impl FnOnce(&mut Vec<u8>)) {
        if self.0.last() != Some(&b'{') {
            self.0.push(b',');
        }
        quote(&mut self.0, key.as_bytes());
        self.0.push(b':');
        value(&mut self.0);
    }

    fn text(&mut self, key: &str, value: &[u8]) {
        self.write(key, |out| quote(out, value));
    }

    fn raw(&mut self, key: &str, value: &[u8]) {
        self.write(key, |out| out.extend_from_slice(value));
    }

    fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object)) {
        let mut inner = Object::open(256);
        fill(&mut inner);
        let inner = inner.close();
        self.raw(key, &inner);
    }
}
