use std::convert::Infallible;

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use tower::{ServiceExt, service_fn, util::BoxCloneSyncService};
use tower_service::Service;

use crate::{Context, Error, ErrorKind, Event};

/// A service that answers HTTP requests: a function or a router, with or without layers. It is always ready and never fails.
pub type HttpService = BoxCloneSyncService<Request, Response, Infallible>;

/// An event function, with or without layers. It is always ready. Its error is an [`Error`] in a boxed standard error:
/// [`Error::from`] returns the original.
pub type EventService = BoxCloneSyncService<EventCall, (), Box<dyn std::error::Error + Send + Sync>>;

/// An event for a function, as a layer around the function receives it.
#[derive(Debug)]
#[non_exhaustive]
pub struct EventCall {
    /// The event.
    pub event: Event,
    /// The invocation that the event is part of.
    pub context: Context,
}

impl EventCall {
    /// Creates the call of a function with an event.
    pub fn new(event: Event, context: Context) -> Self {
        EventCall { event, context }
    }
}

/// Turns a tower service into an [`HttpService`]. It is cloned for each request, and its error becomes a 500.
pub(crate) fn http<S>(service: S) -> HttpService
where
    S: Service<Request> + Clone + Send + Sync + 'static,
    S::Response: IntoResponse,
    S::Error: Into<Error>,
    S::Future: Send,
{
    HttpService::new(service_fn(move |request| {
        let service = service.clone();
        async move {
            Ok(match service.oneshot(request).await {
                Ok(response) => response.into_response(),
                Err(error) => error.into().into_response(),
            })
        }
    }))
}

/// A placeholder for a service that is not made, because its function is not served.
pub(crate) fn unserved() -> HttpService {
    HttpService::new(service_fn(|_| async {
        Ok(Error::new(ErrorKind::NotFound, "this program does not serve this function").into_response())
    }))
}

/// Turns a tower service into an [`EventService`]. It is cloned for each event.
pub(crate) fn events<S>(service: S) -> EventService
where
    S: Service<EventCall, Response = ()> + Clone + Send + Sync + 'static,
    S::Error: Into<Error>,
    S::Future: Send,
{
    EventService::new(service_fn(move |call| {
        let service = service.clone();
        async move { service.oneshot(call).await.map_err(|error| error.into().into_boxed()) }
    }))
}
