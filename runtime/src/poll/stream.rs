use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use http_body::Body as _;
use omnifn_core::Body;

use super::message::{self, ERROR_BODY, ERROR_TYPE};

/// A function's body as it comes. Where it fails, the trailers say so: a clean end would be a lie. The dispatch has logged
/// why.
pub(super) struct Streamed(Body);

/// What comes of it.
pub(super) enum Piece {
    /// Some bytes, at least one.
    Data(Bytes),
    /// The end, with the trailers.
    End(HeaderMap),
}

impl Streamed {
    pub(super) fn new(body: Body) -> Self {
        Streamed(body)
    }

    /// What is next. After the end there is nothing.
    pub(super) fn poll_piece(&mut self, cx: &mut Context<'_>) -> Poll<Piece> {
        loop {
            match ready!(Pin::new(&mut self.0).poll_frame(cx)) {
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => return Poll::Ready(Piece::Data(data)),
                    // The API has trailers of its own alone.
                    _ => {}
                },
                Some(Err(_)) => return Poll::Ready(Piece::End(failed())),
                None => return Poll::Ready(Piece::End(HeaderMap::new())),
            }
        }
    }
}

/// The trailers of a stream that failed. The error's words go to the log alone.
fn failed() -> HeaderMap {
    const TYPE: &str = "Function.StreamError";
    let body = message::failure(TYPE, "the response broke off in the middle; the function's log says why");
    let body = base64_simd::STANDARD.encode_to_string(body);
    let mut trailers = HeaderMap::with_capacity(2);
    trailers.insert(ERROR_TYPE, HeaderValue::from_static(TYPE));
    if let Ok(body) = HeaderValue::try_from(body) {
        trailers.insert(ERROR_BODY, body);
    }
    trailers
}
