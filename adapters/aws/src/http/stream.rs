//! Streamed replies.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderValue, Response, header::CONTENT_TYPE, response::Parts};
use http_body::{Body as HttpBody, Frame};
use omnifn_core::Payload;

use super::reply;
use crate::detect::Shape;

/// The media type of a stream that begins with the head of an HTTP response.
pub(crate) const MEDIA_TYPE: &str = "application/vnd.awslambda.http-integration-response";

/// The end of the head. It is a frame of its own, because gateways were seen to look for it at the beginning of a frame.
pub(crate) const DELIMITER: [u8; 8] = [0; 8];

pub(super) fn encode(shape: Shape, head: &Parts, payload: Payload) -> Response<Payload> {
    let frames = [Bytes::from_static(&DELIMITER), reply::prelude(shape, head)];
    let body = Streamed { before: frames.into(), body: payload.into_body() };
    let mut response = Response::new(Payload::Stream(omnifn_core::Body::new(body)));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA_TYPE));
    response
}

/// The frames of the head, then those of the function's body. An error of the body remains an error, which the sender reports.
struct Streamed {
    /// The frames of the head, in reverse order.
    before: Vec<Bytes>,
    body: omnifn_core::Body,
}

impl HttpBody for Streamed {
    type Data = Bytes;
    type Error = <omnifn_core::Body as HttpBody>::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match self.before.pop() {
            Some(frame) => Poll::Ready(Some(Ok(Frame::data(frame)))),
            None => Pin::new(&mut self.body).poll_frame(cx),
        }
    }
}
