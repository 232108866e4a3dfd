use std::{
    error::Error as StdError,
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum::{
    Error as BodyError,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::Request;
use http_body::{Body as HttpBody, Frame, SizeHint};
use omnifn_core::{Body, Error, ErrorKind, EventCall};
use tokio::time::{Instant, Sleep, sleep_until};
use tower_layer::Layer;
use tower_service::Service;

type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Cancels an invocation that takes longer than a fixed time: a request is answered by 504, an event is delivered again.
///
/// The time includes the response body: where the head has already been sent, the body fails, so that the client knows that it
/// is incomplete. [`until_head`](Timeout::until_head) leaves the body alone.
///
/// The platform's own deadline applies in any case; this layer is for functions that must finish earlier.
///
/// ```
/// use std::time::Duration;
/// use omnifn_core::App;
/// use omnifn_runtime::layers::Timeout;
///
/// let app = App::new().layer(Timeout::new(Duration::from_secs(5)));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Timeout {
    time: Duration,
    until_head: bool,
}

impl Timeout {
    /// Creates a layer that cancels after `time`.
    pub fn new(time: Duration) -> Self {
        Timeout { time, until_head: false }
    }

    /// Applies the time to the head of a response only; its body may take any time, as server-sent events do.
    pub fn until_head(mut self) -> Self {
        self.until_head = true;
        self
    }
}

/// A service within a [`Timeout`].
#[derive(Debug, Clone)]
pub struct TimeoutService<S> {
    inner: S,
    timeout: Timeout,
}

impl<S> Layer<S> for Timeout {
    type Service = TimeoutService<S>;

    fn layer(&self, inner: S) -> TimeoutService<S> {
        TimeoutService { inner, timeout: *self }
    }
}

impl<S> Service<Request<Body>> for TimeoutService<S>
where
    S: Service<Request<Body>, Response: IntoResponse, Future: Send + 'static>,
    S::Error: Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<Response, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let (answering, Timeout { time, until_head }) = (self.inner.call(request), self.timeout);
        Box::pin(async move {
            // A time beyond what the clock can express never elapses.
            let until = Instant::now().checked_add(time).filter(|_| !until_head);
            match tokio::time::timeout(time, answering).await {
                Ok(answered) => Ok(answered?.into_response().map(|body| Timed::until(until, time, body))),
                Err(_elapsed) => Ok(Late(time).into_error().into_response()),
            }
        })
    }
}

impl<S> Service<EventCall> for TimeoutService<S>
where
    S: Service<EventCall, Response = (), Error: Into<Error>, Future: Send + 'static>,
{
    type Response = ();
    type Error = Error;
    type Future = BoxFuture<(), Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, call: EventCall) -> Self::Future {
        let (taking, time) = (self.inner.call(call), self.timeout.time);
        Box::pin(async move {
            match tokio::time::timeout(time, taking).await {
                Ok(taken) => taken.map_err(Into::into),
                Err(_elapsed) => Err(Late(time).into_error()),
            }
        })
    }
}

/// The error of an invocation or body that took too long.
#[derive(Debug)]
struct Late(Duration);

impl fmt::Display for Late {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cancelled after {} ms by its layer `Timeout`", self.0.as_millis())
    }
}

impl StdError for Late {}

impl Late {
    fn into_error(self) -> Error {
        Error::new(ErrorKind::Timeout, self.to_string())
    }
}

/// Returns the kind of a body's failure, by its cause.
pub(crate) fn kind_of_body_error(error: Option<&(dyn StdError + 'static)>) -> ErrorKind {
    let is_late = std::iter::successors(error, |&error| error.source()).any(|error| error.is::<Late>());
    if is_late { ErrorKind::Timeout } else { ErrorKind::Function }
}

/// A body that fails when it takes too long.
struct Timed {
    /// `None` once it has failed.
    body: Option<Body>,
    sleep: Pin<Box<Sleep>>,
    time: Duration,
}

impl Timed {
    fn until(until: Option<Instant>, time: Duration, body: Body) -> Body {
        match until {
            Some(until) if !body.is_end_stream() => {
                Body::new(Timed { body: Some(body), sleep: Box::pin(sleep_until(until)), time })
            }
            _ => body,
        }
    }
}

impl HttpBody for Timed {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = self.get_mut();
        let Some(body) = &mut this.body else { return Poll::Ready(None) };
        let polled = Pin::new(&mut *body).poll_frame(cx);
        let is_late = match &polled {
            // A body that has ended is complete, however slowly the client reads it.
            Poll::Ready(Some(Ok(_))) => !body.is_end_stream() && Instant::now() >= this.sleep.deadline(),
            Poll::Ready(_) => false,
            Poll::Pending => this.sleep.as_mut().poll(cx).is_ready(),
        };
        if !is_late {
            return polled;
        }
        this.body = None;
        Poll::Ready(Some(Err(BodyError::new(Late(this.time)))))
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body.as_ref().map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}
