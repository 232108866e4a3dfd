use std::error::Error;

use axum_core::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::Request;
use tower_service::Service;

use crate::Mount;

/// What a fn that is not async may give: a whole tower service.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no service of HTTP requests",
    label = "no tower service that could be mounted",
    note = "a function that answers by itself is an `async fn`",
    note = "a fn that is not async gives a whole service, as an `axum::Router`: \
            `tower::Service<http::Request<Body>> + Clone + Send + Sync + 'static`, whose response implements `IntoResponse`"
)]
pub trait IntoMount {
    fn into_mount(self) -> Mount;
}

#[diagnostic::do_not_recommend]
impl<S> IntoMount for S
where
    S: Service<Request<Body>> + Clone + Send + Sync + 'static,
    S::Response: IntoResponse,
    S::Error: Into<Box<dyn Error + Send + Sync>>,
    S::Future: Send,
{
    fn into_mount(self) -> Mount {
        Mount::service(self)
    }
}

/// Mounts a service.
pub fn service<S: IntoMount>(service: S) -> Mount {
    service.into_mount()
}

/// What stands in the place of a function that cannot be compiled.
pub fn stub() -> Mount {
    Mount::handler(|_| async { Response::default() })
}
