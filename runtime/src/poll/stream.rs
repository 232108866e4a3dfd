use std::{
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderValue;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::Body;

use super::message::{self, ERROR_BODY, ERROR_TYPE};

/// The body of a request to the Runtime API.
pub(super) enum Outgoing {
    Whole(Bytes),
    Stream(Streamed),
}

/// A function's body as it comes. Where it fails, the trailers say so: a clean end would be a lie. The dispatch has logged
/// why.
pub(super) struct Streamed {
    /// `None` once it has ended.
    body: Option<Body>,
}

impl Streamed {
    pub(super) fn new(body: Body) -> Self {
        Streamed { body: Some(body) }
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame<Bytes>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        loop {
            match ready!(Pin::new(&mut *body).poll_frame(cx)) {
                Some(Ok(frame)) if frame.is_data() => return Poll::Ready(Some(frame)),
                // The API has trailers of its own alone.
                Some(Ok(_)) => {}
                Some(Err(_)) => {
                    self.body = None;
                    return Poll::Ready(Some(Frame::trailers(failed())));
                }
                None => {
                    self.body = None;
                    return Poll::Ready(None);
                }
            }
        }
    }
}

/// The trailers of a stream that failed. The error's words go to the log alone.
fn failed() -> http::HeaderMap {
    const TYPE: &str = "Function.StreamError";
    let body = message::failure(TYPE, "the response broke off in the middle; the function's log says why");
    let body = base64_simd::STANDARD.encode_to_string(body);
    let mut trailers = http::HeaderMap::with_capacity(2);
    trailers.insert(ERROR_TYPE, HeaderValue::from_static(TYPE));
    if let Ok(body) = HeaderValue::try_from(body) {
        trailers.insert(ERROR_BODY, body);
    }
    trailers
}

impl HttpBody for Outgoing {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Outgoing::Whole(bytes) if bytes.is_empty() => Poll::Ready(None),
            Outgoing::Whole(bytes) => Poll::Ready(Some(Ok(Frame::data(std::mem::take(bytes))))),
            Outgoing::Stream(streamed) => streamed.poll_data(cx).map(|frame| frame.map(Ok)),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Outgoing::Whole(bytes) => bytes.is_empty(),
            Outgoing::Stream(streamed) => streamed.body.is_none(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Outgoing::Whole(bytes) => SizeHint::with_exact(bytes.len() as u64),
            // A known length would be sent as `content-length`, and then there are no trailers.
            Outgoing::Stream(_) => SizeHint::default(),
        }
    }
}
