//! A response body that is sent while the function still produces it.

use std::{
    future::Future as _,
    pin::Pin,
    task::{self, Poll},
};

use axum::{Error as BodyError, body::Body};
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::{Context, Error};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::{deadline, layers::kind_of_body_error, log, panic, span::Span};

/// A body whose failure or panic is logged once, and which fails when the function's own timeout elapses. When it ends, so does the span of its invocation.
struct Watched {
    /// `None` once the body has ended.
    body: Option<Body>,
    context: Context,
    /// `None` once the span has ended.
    span: Option<Span>,
    status: StatusCode,
    /// The error that the function answered with, if it did.
    error: Option<Error>,
    /// The time at which the function's own timeout elapses, if it has one.
    timeout: Option<Pin<Box<Sleep>>>,
}

/// Watches a body: its end or failure ends the span.
pub(crate) fn watch(body: Body, context: Context, span: Span, status: StatusCode, error: Option<Error>) -> Body {
    let timeout = deadline::of_body(&context).map(|until| Box::pin(sleep_until(until)));
    Body::new(Watched { body: Some(body), context, span: Some(span), status, error, timeout })
}

impl Watched {
    fn end(&mut self, failure: Option<&Error>) {
        if let Some(span) = self.span.take() {
            match failure {
                Some(error) => span.answered(&self.context, None, Some(error)),
                None => span.answered(&self.context, Some(self.status), self.error.as_ref()),
            }
        }
    }
}

impl HttpBody for Watched {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let tracing = this.span.as_ref().map_or_else(tracing::Span::none, |span| span.tracing().clone());
        let polled = tracing.in_scope(|| panic::catch_now(|| Pin::new(&mut *body).poll_frame(cx)));
        let error = match polled {
            Ok(Poll::Pending) => match this.timeout.as_mut().map(|timeout| timeout.as_mut().poll(cx)) {
                Some(Poll::Ready(())) => deadline::cancelled(&this.context),
                Some(Poll::Pending) | None => return Poll::Pending,
            },
            // A body that has ended is complete, however slowly the client reads it, and is not always polled again.
            Ok(Poll::Ready(Some(Ok(frame)))) if body.is_end_stream() => {
                this.end(None);
                return Poll::Ready(Some(Ok(frame)));
            }
            Ok(Poll::Ready(Some(Ok(frame)))) => {
                let timeout = this.timeout.as_ref().map(|timeout| timeout.deadline());
                if timeout.is_none_or(|timeout| Instant::now() < timeout) {
                    return Poll::Ready(Some(Ok(frame)));
                }
                deadline::cancelled(&this.context)
            }
            Ok(Poll::Ready(None)) => {
                this.body = None;
                this.end(None);
                return Poll::Ready(None);
            }
            Ok(Poll::Ready(Some(Err(error)))) => {
                let cause = error.into_inner();
                Error::new(kind_of_body_error(Some(&*cause)), "the response's body failed").with_source(cause)
            }
            Err(panic) => panic.during("the response's body panicked"),
        };
        this.body = None;
        log::failed(&this.context, &error);
        this.end(Some(&error));
        Poll::Ready(Some(Err(BodyError::new(error.to_string()))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
