use std::{
    convert::Infallible,
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use axum_core::{
    body::Body,
    response::{IntoResponse, Response},
};
use http::Request;
use tower::ServiceExt;
use tower_service::Service;

use crate::Error;

/// Anything that answers HTTP requests, with its type forgotten: a function, a router, either of them in its layers.
///
/// It is a `tower` service that is always ready and never fails.
#[derive(Clone)]
pub struct HttpService(Arc<dyn Handle>);

/// What answers a request. No closure: a request is large, and would be copied for the call of one.
trait Handle: Send + Sync {
    fn handle(&self, request: Request<Body>) -> BoxFuture;
}

/// An answer on its way, with its type forgotten.
pub(crate) type BoxFuture = Pin<Box<dyn Future<Output = Response> + Send>>;

impl HttpService {
    /// An async fn.
    pub fn from_fn<F, Fut>(handler: F) -> Self
    where
        F: Fn(Request<Body>) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send + 'static,
    {
        HttpService(Arc::new(Function(handler)))
    }

    /// A tower service, cloned for each request. Its error is a 500.
    pub fn new<S>(service: S) -> Self
    where
        S: Service<Request<Body>> + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        S::Future: Send,
    {
        HttpService(Arc::new(Cloned(service)))
    }

    /// Answers one request.
    pub fn respond(&self, request: Request<Body>) -> BoxFuture {
        self.0.handle(request)
    }
}

struct Function<F>(F);

impl<F, Fut> Handle for Function<F>
where
    F: Fn(Request<Body>) -> Fut + Send + Sync,
    Fut: Future<Output = Response> + Send + 'static,
{
    fn handle(&self, request: Request<Body>) -> BoxFuture {
        // The box is there first, so that the future is made in it.
        let future: Pin<Box<Fut>> = Box::into_pin(Box::write(Box::new_uninit(), (self.0)(request)));
        future
    }
}

struct Cloned<S>(S);

impl<S> Handle for Cloned<S>
where
    S: Service<Request<Body>> + Clone + Send + Sync + 'static,
    S::Response: IntoResponse,
    S::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
    S::Future: Send,
{
    fn handle(&self, request: Request<Body>) -> BoxFuture {
        let service = self.0.clone();
        Box::pin(async move {
            match service.oneshot(request).await {
                Ok(response) => response.into_response(),
                Err(error) => Error::from_boxed(error.into()).into_response(),
            }
        })
    }
}

impl fmt::Debug for HttpService {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpService").finish_non_exhaustive()
    }
}

impl Service<Request<Body>> for HttpService {
    type Response = Response;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        let response = self.0.handle(request);
        Box::pin(async move { Ok(response.await) })
    }
}
