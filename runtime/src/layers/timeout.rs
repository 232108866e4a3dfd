use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use axum_core::response::{IntoResponse, Response};
use http::Request;
use omnifn_core::{Body, Error, ErrorKind, EventCall};
use tower_layer::Layer;
use tower_service::Service;

type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Cancels what takes longer than this: a request is answered by 504, an event is delivered again.
///
/// The platform's own deadline counts in any case; this one is for functions that are to be done earlier.
///
/// ```
/// use std::time::Duration;
/// use omnifn_core::App;
/// use omnifn_runtime::layers::Timeout;
///
/// let app = App::new().layer(Timeout::new(Duration::from_secs(5)));
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Timeout(Duration);

impl Timeout {
    /// So long, and no longer.
    pub fn new(time: Duration) -> Self {
        Timeout(time)
    }
}

/// A service within a [`Timeout`].
#[derive(Debug, Clone)]
pub struct TimeoutService<S> {
    inner: S,
    time: Duration,
}

impl<S> Layer<S> for Timeout {
    type Service = TimeoutService<S>;

    fn layer(&self, inner: S) -> TimeoutService<S> {
        TimeoutService { inner, time: self.0 }
    }
}

impl<S> TimeoutService<S> {
    fn late(time: Duration) -> Error {
        let words = format!("it was cancelled after {} ms, as its layer `Timeout` says", time.as_millis());
        Error::new(ErrorKind::Timeout, words)
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
        let (answering, time) = (self.inner.call(request), self.time);
        Box::pin(async move {
            match tokio::time::timeout(time, answering).await {
                Ok(answered) => answered.map(IntoResponse::into_response),
                Err(_elapsed) => Ok(TimeoutService::<S>::late(time).into_response()),
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
        let (taking, time) = (self.inner.call(call), self.time);
        Box::pin(async move {
            match tokio::time::timeout(time, taking).await {
                Ok(taken) => taken.map_err(Into::into),
                Err(_elapsed) => Err(TimeoutService::<S>::late(time)),
            }
        })
    }
}
