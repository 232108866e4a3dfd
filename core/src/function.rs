use std::fmt;

use axum_core::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::Request;
use tower_service::Service;

use crate::{Context, Error, EventCall, EventService, HttpService, Spec, event::Event};

/// A function as `#[function]` leaves it beside the user's fn: its [`Spec`], and how to call it.
///
/// Written by the macro, not by hand.
pub trait Function: Send + Sync + 'static {
    /// What the attribute says.
    const SPEC: &'static Spec;

    /// Makes it ready to be called.
    fn mount(self) -> Mount;
}

/// A function that is ready to be called, whatever its arguments are.
#[derive(Clone)]
pub struct Mount(pub(crate) Kind);

#[derive(Clone)]
pub(crate) enum Kind {
    Http {
        service: HttpService,
        /// Whether a trailing wildcard also takes the bare prefix: a mounted service answers its own root.
        takes_prefix: bool,
    },
    Events(EventService),
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.0 {
            Kind::Http { .. } => "Mount(HTTP)",
            Kind::Events(_) => "Mount(events)",
        })
    }
}

impl Mount {
    /// An async fn over the request.
    pub fn handler<F, Fut>(handler: F) -> Self
    where
        F: Fn(Request<Body>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send + 'static,
    {
        Mount(Kind::Http { service: HttpService::from_fn(handler), takes_prefix: false })
    }

    /// An async fn over an event.
    pub fn events<F, Fut>(handler: F) -> Self
    where
        F: Fn(Event, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        Mount(Kind::Events(EventService::from_fn(move |EventCall { event, context }| handler(event, context))))
    }

    /// A whole tower service, which also takes the bare prefix of a route that ends in a wildcard.
    pub fn service<S>(service: S) -> Self
    where
        S: Service<Request<Body>> + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send,
    {
        Mount(Kind::Http { service: HttpService::new(service), takes_prefix: true })
    }
}
