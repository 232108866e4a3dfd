use std::{
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use axum_core::response::{IntoResponse, Response};
use http::Request;
use omnifn_core::{Body, Error, EventCall, Limits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    deadline::millis,
    slots::{self, Slots},
};

type BoxFuture<T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send>>;

/// Lets so many run at once in one process. One more request is not kept waiting: it is answered by 503 with `Retry-After`. One more
/// event waits for its turn, in the order of their coming, as long as there is time for it before the platform's deadline; then it
/// is delivered again.
///
/// A request runs until its answer has been sent, or nobody waits for it any more: a body in pieces keeps its place.
///
/// One value, given to several functions, is one limit for all of them.
///
/// ```
/// use omnifn_core::App;
/// use omnifn_runtime::layers::ConcurrencyLimit;
///
/// let app = App::new().layer(ConcurrencyLimit::new(4));
/// ```
#[derive(Debug, Clone)]
pub struct ConcurrencyLimit(Arc<Places>);

/// As many places as the layer allows, for which one can wait.
#[derive(Debug)]
struct Places {
    free: Arc<Semaphore>,
    limit: usize,
    /// What says that there is none.
    slots: Slots,
}

impl ConcurrencyLimit {
    /// So many at once.
    pub fn new(limit: usize) -> Self {
        let slots = Slots::new(Some(limit)).named("its layer `ConcurrencyLimit`");
        let free = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        ConcurrencyLimit(Arc::new(Places { free, limit, slots }))
    }
}

impl Places {
    /// Takes a place, if there is one.
    fn take(&self) -> Result<OwnedSemaphorePermit, Error> {
        self.free.clone().try_acquire_owned().map_err(|_none| self.slots.overloaded(""))
    }

    /// Takes a place, and waits for it behind those who came before, no longer than this.
    async fn wait(&self, time: Option<Duration>) -> Result<OwnedSemaphorePermit, Error> {
        // Where nobody may be, nobody leaves.
        if self.limit == 0 {
            return self.take();
        }
        let acquiring = self.free.clone().acquire_owned();
        let acquired = match time {
            None => acquiring.await,
            Some(time) => match tokio::time::timeout(time, acquiring).await {
                Ok(acquired) => acquired,
                Err(_elapsed) => {
                    return Err(self.slots.overloaded(&format!(", and none ended within {} ms", millis(time))));
                }
            },
        };
        acquired.map_err(|_closed| self.slots.overloaded(""))
    }
}

/// A service within a [`ConcurrencyLimit`].
#[derive(Debug, Clone)]
pub struct ConcurrencyLimited<S> {
    inner: S,
    places: Arc<Places>,
}

impl<S> Layer<S> for ConcurrencyLimit {
    type Service = ConcurrencyLimited<S>;

    fn layer(&self, inner: S) -> ConcurrencyLimited<S> {
        ConcurrencyLimited { inner, places: self.0.clone() }
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
        let places = self.places.clone();
        // The one that is ready is the one that is called.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            match places.take() {
                Ok(place) => {
                    let response = inner.call(request).await?.into_response();
                    Ok(response.map(|body| slots::hold(Some(place), body)))
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
        let places = self.places.clone();
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            // As late as a further record of a batch is begun.
            let remaining = call.context.remaining();
            let time = remaining.map(|time| time.saturating_sub(Limits::default().margin(time) * 2));
            let _place = places.wait(time).await?;
            inner.call(call).await.map_err(Into::into)
        })
    }
}
