use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use omnifn_core::{Error, EventCall};
use tower_layer::Layer;
use tower_service::Service;

use super::Idempotency;

/// An event function that runs each event once.
#[derive(Debug, Clone)]
pub struct OnceService<S> {
    once: Idempotency,
    inner: S,
}

impl<S> Layer<S> for Idempotency {
    type Service = OnceService<S>;

    fn layer(&self, inner: S) -> OnceService<S> {
        OnceService { once: self.clone(), inner }
    }
}

impl<S> Service<EventCall> for OnceService<S>
where
    S: Service<EventCall, Response = ()> + Clone + Send + 'static,
    S::Error: Into<Error> + Send,
    S::Future: Send,
{
    type Response = ();
    type Error = Error;
    type Future = Pin<Box<dyn Future<Output = Result<(), Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.inner.poll_ready(cx).map_err(Into::into)
    }

    fn call(&mut self, call: EventCall) -> Self::Future {
        let once = self.once.clone();
        // The call must go to the very service that was polled ready, not to its clone.
        let clone = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let context = call.context.clone();
            let key = once.key_of(&context, &call.event)?;
            once.run_key(&context, &key, inner.call(call)).await.map(drop)
        })
    }
}
