use std::{
    fmt,
    future::ready,
    pin::Pin,
    task::{self, Poll, ready},
};

use axum_core::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::header;
use http_body::Body as _;

use crate::{Error, service::BoxFuture};

/// The answer to a request, on its way. It is small: what is large is the function's own future, in its box.
pub struct Responding {
    future: BoxFuture,
    /// Whether the answer is only wanted for its head.
    is_head: bool,
}

impl fmt::Debug for Responding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Responding").finish_non_exhaustive()
    }
}

impl Responding {
    pub(super) fn of(future: BoxFuture, is_head: bool) -> Self {
        Responding { future, is_head }
    }
}

/// No function was asked.
impl From<Error> for Responding {
    fn from(error: Error) -> Self {
        Responding { future: Box::pin(ready(error.into_response())), is_head: false }
    }
}

impl Future for Responding {
    type Output = Response;

    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Response> {
        let mut response = ready!(self.future.as_mut().poll(cx));
        if self.is_head {
            drop_body(&mut response);
        }
        Poll::Ready(response)
    }
}

/// A `HEAD` is answered with the head that `GET` would have: its length stays, its body does not.
fn drop_body(response: &mut Response) {
    if let Some(length @ 1..) = response.body().size_hint().exact() {
        let headers = response.headers_mut();
        headers.entry(header::CONTENT_LENGTH).or_insert(length.into());
    }
    *response.body_mut() = Body::empty();
}
