//! A tower layer, as an app's author would write one.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http::{HeaderValue, Request, Response};
use tower_layer::Layer;
use tower_service::Service;

/// Puts its word into the header `x-stamp` of every response.
#[derive(Clone)]
pub(crate) struct Stamp(pub(crate) &'static str);

impl<S> Layer<S> for Stamp {
    type Service = Stamped<S>;

    fn layer(&self, inner: S) -> Stamped<S> {
        Stamped { inner, word: self.0 }
    }
}

#[derive(Clone)]
pub(crate) struct Stamped<S> {
    inner: S,
    word: &'static str,
}

impl<S, B, C> Service<Request<B>> for Stamped<S>
where
    S: Service<Request<B>, Response = Response<C>>,
    S::Future: Send + 'static,
{
    type Response = Response<C>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Response<C>, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let (response, word) = (self.inner.call(request), self.word);
        Box::pin(async move {
            let mut response = response.await?;
            response.headers_mut().append("x-stamp", HeaderValue::from_static(word));
            Ok(response)
        })
    }
}
