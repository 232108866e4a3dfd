use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum_core::Error;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::Payload;

use super::patient::Answering;

/// The body of a reply.
#[derive(Debug)]
pub(super) struct Outgoing {
    payload: Payload,
    /// It is our turn on the connection until the body has gone.
    _answering: Answering,
}

impl Outgoing {
    pub(super) fn new(payload: Payload, answering: Answering) -> Self {
        Outgoing { payload, _answering: answering }
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match &mut self.get_mut().payload {
            Payload::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Payload::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Payload::Stream(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.payload {
            Payload::Whole(bytes) => bytes.is_empty(),
            Payload::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.payload {
            Payload::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Payload::Stream(body) => body.size_hint(),
        }
    }
}
