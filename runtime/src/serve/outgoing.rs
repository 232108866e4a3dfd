use std::{
    pin::Pin,
    task::{Context, Poll},
};

use axum_core::Error;
use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::{Body, Payload};

/// The body of a reply.
#[derive(Debug)]
pub(super) enum Outgoing {
    Whole(Bytes),
    Stream(Body),
}

impl From<Payload> for Outgoing {
    fn from(payload: Payload) -> Self {
        match payload {
            Payload::Whole(bytes) => Outgoing::Whole(bytes),
            Payload::Stream(body) => Outgoing::Stream(body),
        }
    }
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        match self.get_mut() {
            Outgoing::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Outgoing::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Outgoing::Stream(body) => Pin::new(body).poll_frame(cx),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Outgoing::Whole(bytes) => bytes.is_empty(),
            Outgoing::Stream(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Outgoing::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            Outgoing::Stream(body) => body.size_hint(),
        }
    }
}
