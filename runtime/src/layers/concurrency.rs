use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum::response::{IntoResponse, Response};
use http::Request;
use omnifn_core::{Body, Error, EventCall, Limits};
use tower_layer::Layer;
use tower_service::Service;

use crate::slots::{Slots, hold};

type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Limits how many invocations run at once in one process.
///
/// A request that finds no slot is answered by 503 with `Retry-After`. An event that finds none waits for its turn, in order of
/// arrival, as long as there is time before the platform's deadline; then it is delivered again. A request lasts until its
/// response body has been sent, or the client has gone away.
///
/// One value that is given to several functions is one limit for all of them.
///
/// ```
/// use omnifn_core::App;
/// use omnifn_runtime::layers::ConcurrencyLimit;
///
/// let app = App::new().layer(ConcurrencyLimit::new(4));
/// ```
#[derive(Debug, Clone)]
pub struct ConcurrencyLimit(Arc<Slots>);

impl ConcurrencyLimit {
    /// Allows this many invocations at once.
    pub fn new(limit: usize) -> Self {
        ConcurrencyLimit(Arc::new(Slots::new(Some(limit)).with_setting("its layer `ConcurrencyLimit`")))
    }
}

/// A service within a [`ConcurrencyLimit`].
#[derive(Debug, Clone)]
pub struct ConcurrencyLimited<S> {
    inner: S,
    slots: Arc<Slots>,
}

impl<S> Layer<S> for ConcurrencyLimit {
    type Service = ConcurrencyLimited<S>;

    fn layer(&self, inner: S) -> ConcurrencyLimited<S> {
        ConcurrencyLimited { inner, slots: self.0.clone() }
    }
}

impl<S> Service<Request<Body>> for ConcurrencyLimited<S>
where
    S: Service<Request<Body>, Response: IntoResponse, Future: Send + 'static> + Clone + Send + 'static,
{
    type Response = Response;
    type Error = S::Error;
    type Future = BoxFuture<Response, S::Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let slots = self.slots.clone();
        // The call must go to the very service that was polled ready, not to its clone.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            match slots.take() {
                Ok(slot) => {
                    let response = inner.call(request).await?.into_response();
                    Ok(response.map(|body| hold(slot, body)))
                }
                Err(error) => Ok(error.into_response()),
            }
        })
    }
}

impl<S> Service<EventCall> for ConcurrencyLimited<S>
where
    S: Service<EventCall, Response = (), Error: Into<Error>, Future: Send + 'static> + Clone + Send + 'static,
{
    type Response = ();
    type Error = Error;
    type Future = BoxFuture<(), Error>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, call: EventCall) -> Self::Future {
        let slots = self.slots.clone();
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            // Twice the margin is kept, as for a further record of a batch.
            let remaining = call.context.remaining();
            let time = remaining.map(|time| time.saturating_sub(Limits::default().margin(time).saturating_mul(2)));
            let _slot = slots.wait(time).await?;
            inner.call(call).await.map_err(Into::into)
        })
    }
}
