use axum_core::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::Request;
use tower_service::Service;

use crate::{HttpService, Spec};

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
#[derive(Debug, Clone)]
pub struct Mount {
    pub(crate) service: HttpService,
    /// Whether a trailing wildcard also takes the bare prefix: a mounted service answers its own root.
    pub(crate) takes_prefix: bool,
}

impl Mount {
    /// An async fn over the request.
    pub fn handler<F, Fut>(handler: F) -> Self
    where
        F: Fn(Request<Body>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send + 'static,
    {
        Mount { service: HttpService::from_fn(handler), takes_prefix: false }
    }

    /// A whole tower service, which also takes the bare prefix of a route that ends in a wildcard.
    pub fn service<S>(service: S) -> Self
    where
        S: Service<Request<Body>> + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send,
    {
        Mount { service: HttpService::new(service), takes_prefix: true }
    }
}
