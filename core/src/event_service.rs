use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{self, Poll},
};

use tower::ServiceExt;
use tower_service::Service;

use crate::{Context, Error, Event};

/// An event on its way to a function, as a layer around it sees it.
#[derive(Debug)]
#[non_exhaustive]
pub struct EventCall {
    /// The event.
    pub event: Event,
    /// The invocation that it came in.
    pub context: Context,
}

impl EventCall {
    /// An event in an invocation.
    pub fn new(event: Event, context: Context) -> Self {
        EventCall { event, context }
    }
}

/// A function of events with its type forgotten, in its layers or without.
///
/// It is a `tower` service that is always ready.
#[derive(Clone)]
pub struct EventService(Arc<Handler>);

type Handler = dyn Fn(EventCall) -> Delivering + Send + Sync;
/// An event with a function that takes it.
pub type Delivering = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

impl EventService {
    /// An async fn.
    pub fn from_fn<F, Fut>(handler: F) -> Self
    where
        F: Fn(EventCall) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        EventService(Arc::new(move |call| {
            // The box is there first, so that the future is made in it.
            let future: Pin<Box<Fut>> = Box::into_pin(Box::write(Box::new_uninit(), handler(call)));
            future
        }))
    }

    /// A tower service, cloned for each event.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<EventCall, Response = ()> + Clone + Send + Sync + 'static,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send,
    {
        EventService(Arc::new(move |call| {
            let service = service.clone();
            Box::pin(async move { service.oneshot(call).await.map_err(|error| Error::from_boxed(error.into())) })
        }))
    }

    /// Lets it take an event.
    pub fn deliver(&self, call: EventCall) -> Delivering {
        (self.0)(call)
    }
}

impl fmt::Debug for EventService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventService").finish_non_exhaustive()
    }
}

impl Service<EventCall> for EventService {
    type Response = ();
    type Error = Error;
    type Future = Delivering;

    fn poll_ready(&mut self, _: &mut task::Context<'_>) -> Poll<Result<(), Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, call: EventCall) -> Delivering {
        (self.0)(call)
    }
}
