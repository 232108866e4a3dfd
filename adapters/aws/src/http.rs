//! HTTP requests from events, and replies in the form that each gateway reads.

mod alb;
mod api_gateway_v1;
mod api_gateway_v2;
mod headers;
pub(crate) mod reply;
pub(crate) mod stream;
mod vpc_lattice_v1;
mod vpc_lattice_v2;

use std::net::IpAddr;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, Uri, header::CONTENT_LENGTH};
use http_body::Body as _;
use omnifn_core::{
    Body, Call, Error, ErrorKind, Payload, Reply, Target,
    json::{Fields, RawStr},
    log::cut,
};

use crate::{Aws, detect::Shape, events::unsupported};

/// The data of a gateway about a request, besides the request itself.
#[derive(Debug, Default)]
pub(crate) struct Gateway {
    pub(crate) source_ip: Option<IpAddr>,
    pub(crate) account_id: Option<String>,
    pub(crate) stage: Option<String>,
    pub(crate) stage_variables: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) authorizer: Option<String>,
}

/// A request as each shape contains it.
struct Received<'a> {
    method: Option<RawStr<'a>>,
    /// Where the method is in the event.
    method_path: &'static str,
    uri: Uri,
    headers: HeaderMap,
    body: Option<RawStr<'a>>,
    is_base64_encoded: Option<bool>,
    gateway: Gateway,
}

/// Reads the request in an event of this shape. The head is Lambda's own.
pub(crate) fn decode(aws: &Aws, head: HeaderMap, event: &Bytes, shape: Shape) -> Result<Call, Error> {
    let received = match shape {
        Shape::HttpApiV2 | Shape::FunctionUrl => api_gateway_v2::read(event, shape)?,
        Shape::HttpApiV1 | Shape::RestV1 => api_gateway_v1::read(event, shape)?,
        Shape::Alb | Shape::AlbMulti => alb::read(event, shape)?,
        Shape::VpcLatticeV1 => vpc_lattice_v1::read(event, shape)?,
        Shape::VpcLatticeV2 => vpc_lattice_v2::read(event, shape)?,
    };
    let method = received.method.as_deref().unwrap_or_default();
    let method = Method::from_bytes(method).map_err(|_| {
        let found =
            if method.is_empty() { "none".to_owned() } else { format!("{:?}", cut(&String::from_utf8_lossy(method))) };
        let place = received.method_path;
        let text = format!("this {shape} event must name an HTTP method at `{place}`, but there is {found}");
        Error::new(ErrorKind::Decode, text)
    })?;
    let body = body(event, shape, received.body, received.is_base64_encoded == Some(true))?;
    let mut request = Request::new(body);
    (*request.method_mut(), *request.uri_mut(), *request.headers_mut()) = (method, received.uri, received.headers);
    let invocation = aws.platform.invocation(head, event, shape, received.gateway, request.headers());
    Ok(Call { request, target: Target::Route, invocation })
}

/// Joins the pairs of a query that a gateway grouped but did not decode.
fn joined_query(fields: &Fields<'_>) -> String {
    let pairs: Vec<_> = fields.0.iter().map(|(key, value)| format!("{}={}", key.to_str(), value.to_str())).collect();
    pairs.join("&")
}

fn body(event: &Bytes, shape: Shape, body: Option<RawStr<'_>>, is_base64_encoded: bool) -> Result<Body, Error> {
    let Some(text) = body.filter(|text| !text.is_empty()) else { return Ok(Body::empty()) };
    if !is_base64_encoded {
        return Ok(Body::from(text.into_bytes(event)));
    }
    let decoded = base64_simd::STANDARD.decode_to_vec(&*text).map_err(|_| {
        let length = text.len();
        let text = format!(
            "`body` of this {shape} event must be base64, because `isBase64Encoded` is true, but its {length} bytes are not"
        );
        Error::new(ErrorKind::Decode, text)
    })?;
    Ok(Body::from(decoded))
}

/// Returns whether a reply of this shape must be collected.
pub(crate) fn sends_whole(aws: &Aws, shape: Option<Shape>) -> bool {
    !streams(aws, shape)
}

fn streams(aws: &Aws, shape: Option<Shape>) -> bool {
    aws.streaming && shape.is_some_and(Shape::can_stream)
}

pub(crate) fn encode(aws: &Aws, shape: Option<Shape>, reply: Reply) -> Response<Payload> {
    let Some(shape) = shape else { return without_request(&reply) };
    let (mut head, payload) = reply.into_http().into_parts();
    let is_empty = match &payload {
        Payload::Whole(body) => body.is_empty(),
        Payload::Stream(body) => body.is_end_stream(),
    };
    if !is_empty {
        // The gateway declares the length of what it sends to the client.
        head.headers.remove(CONTENT_LENGTH);
    }
    if streams(aws, Some(shape)) {
        return stream::encode(shape, &head, payload);
    }
    match payload {
        Payload::Whole(body) => fitting(aws, shape, reply::encode(shape, &head, &body)),
        // `sends_whole` was not called.
        Payload::Stream(_) => failed(shape, Error::new(ErrorKind::Config, "the reply was not read whole")),
    }
}

fn without_request(reply: &Reply) -> Response<Payload> {
    match reply {
        Reply::Failed(error) => unsupported::failure(error),
        Reply::Http(_) | Reply::Delivered(_) => {
            let text = format!("{} without a request", reply.status());
            unsupported::failure(&Error::new(ErrorKind::Config, text))
        }
    }
}

/// Returns the reply, or an error if it is too large for its gateway, because the platform's own failure would not name the reason.
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
