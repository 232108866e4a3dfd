use std::{
    pin::Pin,
    task::{self, Poll},
};

use axum_core::{Error as BodyError, body::Body};
use bytes::Bytes;
use http::StatusCode;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::{Context, Error, ErrorKind};

use crate::{
    layers::kind_of_body,
    log, panic,
    slots::{Held, Slot},
    span::Span,
};

/// A function's body as it is sent, which keeps the place of its invocation. A failure in the middle, or a panic, is logged once and
/// ends it as broken, where it is watched.
struct Watched {
    /// `None` once it has ended.
    body: Option<Held<Slot>>,
    watch: Option<Watch>,
}

/// Of what invocation a body is that comes in pieces.
pub(crate) struct Watch {
    context: Context,
    /// `None` once it has ended, with the body.
    span: Option<Span>,
    status: StatusCode,
    /// That of the function, which has sent a body all the same.
    error: Option<Error>,
}

/// A body that keeps its place, and is watched, if there is anything of that.
pub(crate) fn around(body: Body, slot: Option<Slot>, watch: Option<Watch>) -> Body {
    if watch.is_none() && (slot.is_none() || body.is_end_stream()) {
        return body;
    }
    Body::new(Watched { body: Some(Held { body, slot }), watch })
}

impl Watch {
    pub(crate) fn new(context: Context, span: Span, status: StatusCode, error: Option<Error>) -> Self {
        Watch { context, span: Some(span), status, error }
    }

    fn end(&mut self, broken: Option<&Error>) {
        if let Some(span) = self.span.take() {
            match broken {
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
        let Some(watch) = &mut this.watch else { return Pin::new(body).poll_frame(cx) };
        let caught = {
            let _within = watch.span.as_ref().map(|span| span.tracing().enter());
            panic::catch_now(|| Pin::new(&mut *body).poll_frame(cx))
        };
        let error = match caught {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Some(Ok(frame)))) => {
                // It may not be asked again.
                if body.is_end_stream() {
                    watch.end(None);
                }
                return Poll::Ready(Some(Ok(frame)));
            }
            Ok(Poll::Ready(None)) => {
                this.body = None;
                watch.end(None);
                return Poll::Ready(None);
            }
            Ok(Poll::Ready(Some(Err(error)))) => {
                let cause = error.into_inner();
                Error::new(kind_of_body(Some(&*cause)), "the response's body failed").with_source(cause)
            }
            Err(message) => Error::new(ErrorKind::Panicked, format!("the response's body panicked: {message}")),
        };
        this.body = None;
        log::failed(&watch.context, &error);
        watch.end(Some(&error));
        Poll::Ready(Some(Err(BodyError::new(format!("{error}")))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
