//! HTTP requests out of events, and replies into what each gateway reads.

mod alb;
mod headers;
pub(crate) mod json;
mod misfit;
mod raw;
mod refuse;
mod reply;
mod scan;
pub(crate) mod source;
pub(crate) mod stream;
pub(crate) mod text;
mod v1;
mod v2;
pub(crate) mod wire;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response};
use omnifn_core::{Body, Call, Decoded, Error, ErrorKind, Payload, Refusal, Reply, Target};

pub(crate) use refuse::failure;

use crate::{Aws, Kind, Origin, context, detect::Shape};

pub(crate) fn decode(aws: &Aws, head: HeaderMap, event: Bytes) -> (Origin, Decoded) {
    // No request has records, so these are not read as one first.
    if begins_with_records(&event) && aws.takes_events() {
        return other(aws, head, &event, || refuse::not_http(&event));
    }
    let Some(wire) = scan::event(&event) else {
        let (shape, error) = refuse::unreadable(&event);
        return match shape {
            None => other(aws, head, &event, || error),
            Some(shape) => refused(Origin(Kind::Http(shape)), error, &head),
        };
    };
    let Some(shape) = Shape::of(&wire) else {
        return other(aws, head, &event, || refuse::not_http(&event));
    };
    match read(aws, head, &event, shape, wire) {
        Ok(call) => (Origin(Kind::Http(shape)), Decoded::Call(call)),
        Err((head, error)) => refused(Origin(Kind::Http(shape)), error, &head),
    }
}

/// Whether the first key of an event is that of records. Queues, topics, streams, tables and buckets send no other.
fn begins_with_records(event: &[u8]) -> bool {
    let key = event.trim_ascii_start().strip_prefix(b"{").map(<[u8]>::trim_ascii_start);
    key.is_some_and(|key| key.starts_with(b"\"Records\""))
}

/// An event that is no HTTP request. `error` says so, where no function takes anything else.
fn other(aws: &Aws, mut head: HeaderMap, event: &Bytes, error: impl FnOnce() -> Error) -> (Origin, Decoded) {
    let events = aws.events.filter(|_| aws.takes_events());
    let Some(events) = events else { return refused(Origin(Kind::Unknown), error(), &head) };
    match (events.decode)(aws, &mut head, event) {
        Ok((batch, delivery)) => (Origin(Kind::Events(batch)), Decoded::Delivery(delivery.into())),
        Err(error) => refused(Origin(Kind::Unknown), error, &head),
    }
}

fn refused(origin: Origin, error: Error, head: &HeaderMap) -> (Origin, Decoded) {
    let invocation_id = context::request_id(head).map(str::to_owned);
    (origin, Decoded::Refused(Refusal { error, invocation_id }))
}

fn read(
    aws: &Aws,
    head: HeaderMap,
    event: &Bytes,
    shape: Shape,
    mut wire: wire::Event<'_>,
) -> Result<Call, (HeaderMap, Error)> {
    match request(event, shape, &mut wire) {
        Ok(request) => {
            let invocation = aws.platform.invocation(head, event, shape, wire, request.headers());
            Ok(Call { request, target: Target::Route, invocation })
        }
        Err(error) => Err((head, error)),
    }
}

fn request(event: &Bytes, shape: Shape, wire: &mut wire::Event<'_>) -> Result<Request<Body>, Error> {
    let uri = match shape {
        Shape::HttpApiV2 | Shape::FunctionUrl => v2::uri(wire),
        Shape::RestV1 => v1::uri(wire),
        Shape::Alb | Shape::AlbMulti => alb::uri(wire),
    };
    let mut headers = headers::read(wire.headers.take(), wire.multi_value_headers.take(), event)?;
    headers::join_cookies(&mut headers);
    if let Some(cookies) = wire.cookies.take() {
        headers::set_cookies(&mut headers, cookies, event);
    }
    let mut request = Request::new(body(event, shape, wire)?);
    *request.method_mut() = method(shape, wire)?;
    *request.uri_mut() = uri.map_err(|e| {
        Error::new(ErrorKind::Decode, format!("the request of this {shape} event has no path that can be used"))
            .with_source(e.to_string())
    })?;
    *request.headers_mut() = headers;
    Ok(request)
}

fn method(shape: Shape, wire: &wire::Event<'_>) -> Result<Method, Error> {
    let (place, method) = match shape {
        Shape::HttpApiV2 | Shape::FunctionUrl => {
            let http = wire.request_context.as_ref().and_then(|context| context.http.as_ref());
            ("requestContext.http.method", http.and_then(|http| http.method.as_ref()))
        }
        Shape::RestV1 | Shape::Alb | Shape::AlbMulti => ("httpMethod", wire.http_method.as_ref()),
    };
    let method = method.map(|method| &**method).unwrap_or_default();
    Method::from_bytes(method).map_err(|_| {
        let came = if method.is_empty() { "none".to_owned() } else { format!("{:?}", String::from_utf8_lossy(method)) };
        let words = format!("this {shape} event must name an HTTP method at `{place}`, but there is {came}");
        Error::new(ErrorKind::Decode, words)
    })
}

fn body(event: &Bytes, shape: Shape, wire: &mut wire::Event<'_>) -> Result<Body, Error> {
    let Some(text) = wire.body.take().filter(|text| !text.is_empty()) else { return Ok(Body::empty()) };
    if wire.is_base64_encoded != Some(true) {
        return Ok(Body::from(text.into_bytes(event)));
    }
    let bytes = base64_simd::STANDARD.decode_to_vec(&*text).map_err(|_| {
        let words = format!(
            "`body` of this {shape} event must be base64, for `isBase64Encoded` is true, but its {} bytes are none",
            text.len()
        );
        Error::new(ErrorKind::Decode, words)
    })?;
    Ok(Body::from(bytes))
}

/// The body as text, where it is one that gateways send as text, too.
pub(crate) fn body_as_text<'b>(headers: &HeaderMap, body: &'b [u8]) -> Option<&'b str> {
    reply::text(headers, body)
}

/// Whether a reply of this shape is read whole first.
pub(crate) fn sends_whole(aws: &Aws, shape: Option<Shape>) -> bool {
    !streams(aws, shape)
}

fn streams(aws: &Aws, shape: Option<Shape>) -> bool {
    aws.streaming && shape.is_some_and(Shape::can_stream)
}

pub(crate) fn encode(aws: &Aws, shape: Option<Shape>, reply: Reply) -> Response<Payload> {
    let Some(shape) = shape else { return refuse::failed(&reply) };
    let (head, payload) = reply.into_http().into_parts();
    if streams(aws, Some(shape)) {
        return stream::encode(shape, &head, payload);
    }
    match payload {
        Payload::Whole(body) => fitting(aws, shape, reply::encode(shape, &head, &body)),
        // Whoever gives a body that is still to come has not asked `sends_whole`.
        Payload::Stream(_) => failed(shape, Error::new(ErrorKind::Config, "the reply was not read whole")),
    }
}

/// The reply, where its gateway takes one of this size; the platform's own failure would say nothing.
fn fitting(aws: &Aws, shape: Shape, reply: Response<Payload>) -> Response<Payload> {
    let (length, limit) = (reply.body().whole().map_or(0, Bytes::len), shape.reply_limit());
    if length <= limit {
        return reply;
    }
    let instead = match shape.can_stream() && !aws.streaming {
        true => "make it smaller, stream it (OMNIFN_AWS_STREAMING=1), or answer with a link to it",
        false => "make it smaller, or answer with a link to it",
    };
    let words = format!("the response is {length} bytes as this {shape} takes it, and {limit} is the most: {instead}");
    let error = Error::new(ErrorKind::ResponseTooLarge, words);
    let mut reply = failed(shape, error.clone());
    reply.extensions_mut().insert(error);
    reply
}

fn failed(shape: Shape, error: Error) -> Response<Payload> {
    let (head, payload) = Reply::Failed(error).into_http().into_parts();
    reply::encode(shape, &head, &payload.whole().cloned().unwrap_or_default())
}

#[cfg(test)]
pub(crate) mod tests;
