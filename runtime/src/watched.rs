//! A response body that is sent while the function still produces it.

use std::{
    pin::Pin,
    task::{self, Poll},
};

use axum::{Error as BodyError, body::Body};
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::{Context, Error};

use crate::{layers::kind_of_body_error, log, panic, span::Span};

/// A body whose failure or panic is logged once. When it ends, so does the span of its invocation.
struct Watched {
    /// `None` once the body has ended.
    body: Option<Body>,
    context: Context,
    /// `None` once the span has ended.
    span: Option<Span>,
    status: StatusCode,
    /// The error that the function answered with, if it did.
    error: Option<Error>,
}

/// Watches a body: its end or failure ends the span.
pub(crate) fn watch(body: Body, context: Context, span: Span, status: StatusCode, error: Option<Error>) -> Body {
    Body::new(Watched { body: Some(body), context, span: Some(span), status, error })
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
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Some(Ok(frame)))) => {
                // A body that has ended is not always polled again.
                if body.is_end_stream() {
                    this.end(None);
                }
                return Poll::Ready(Some(Ok(frame)));
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
