use std::{
    convert::Infallible,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::HeaderValue;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::{Body, Error, ErrorKind};

use super::message::{self, ERROR_BODY, ERROR_TYPE};
use crate::{log, panic};

/// The body of a request to the Runtime API.
pub(super) enum Outgoing {
    Whole(Bytes),
    Stream(Streamed),
}

/// A function's body as it comes. Where it fails, the trailers say so: a clean end would be a lie.
pub(super) struct Streamed {
    /// `None` once it has ended.
    body: Option<Body>,
    provider: &'static str,
    invocation_id: String,
}

impl Streamed {
    pub(super) fn new(body: Body, provider: &'static str, invocation_id: &str) -> Self {
        Streamed { body: Some(body), provider, invocation_id: invocation_id.to_owned() }
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Frame<Bytes>>> {
        let Some(body) = &mut self.body else { return Poll::Ready(None) };
        let caught = {
            // The API has trailers of its own alone.
            let frame = async {
                loop {
                    match poll_fn(|cx| Pin::new(&mut *body).poll_frame(cx)).await {
                        Some(Ok(frame)) if !frame.is_data() => {}
                        other => break other,
                    }
                }
            };
            ready!(pin!(panic::catch(frame)).poll(cx))
        };
        let error = match caught {
            Ok(Some(Ok(frame))) => return Poll::Ready(Some(frame)),
            Ok(None) => {
                self.body = None;
                return Poll::Ready(None);
            }
            Ok(Some(Err(error))) => Error::new(ErrorKind::Function, "the response's body failed").with_source(error),
            Err(message) => Error::new(ErrorKind::Panicked, format!("the response's body panicked: {message}")),
        };
        self.body = None;
        log::refused(self.provider, Some(&self.invocation_id), &error);
        Poll::Ready(Some(Frame::trailers(failed())))
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
