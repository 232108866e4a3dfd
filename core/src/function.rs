use std::{any::TypeId, fmt, future::Future, pin::Pin, sync::Arc};

use axum::{
    extract::Request,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use http::header;
use tower::service_fn;
use tower_service::Service;

use crate::{
    Context, Env, Error, EventCall, EventService, HttpService, Outcome, Record, Spec, StateMap, event::Event, extract,
    service,
};

/// A function, as `#[function]` declares it beside the user's fn: its [`Spec`], and how to call it.
///
/// The macro implements this trait; do not implement it by hand.
pub trait Function: Send + Sync + 'static {
    /// The declaration in the attribute.
    const SPEC: &'static Spec;

    /// Whether the fn has a `#[function]`, which `omnifn::main!` checks.
    #[doc(hidden)]
    const IS_DECLARED: bool = true;

    /// Prepares the function for calls.
    fn mount(self) -> Mount;
}

/// A function that is ready to be called, whatever its arguments are.
pub struct Mount {
    pub(crate) kind: Kind,
    /// The states that the function's arguments take.
    pub(crate) states: Vec<StateType>,
}

pub(crate) enum Kind {
    Http(HttpService),
    /// A whole service, which is made after the state.
    Mounted(MakeService),
    Events(EventService),
    Batches(BatchFn),
}

/// A function that takes all records of a delivery at once.
pub(crate) type BatchFn = Arc<dyn Fn(Vec<Record>, Context) -> BoxFuture<Result<Vec<Outcome>, Error>> + Send + Sync>;
pub(crate) type MakeService = Box<dyn FnOnce(Startup) -> BoxFuture<Result<HttpService, Error>> + Send>;
pub(crate) type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A type that an argument `State<T>` takes.
#[derive(Debug, Clone, Copy)]
pub struct StateType {
    pub(crate) id: TypeId,
    pub(crate) name: &'static str,
}

/// The values that a fn which returns a service can take: the state, and the environment.
#[derive(Debug, Clone)]
pub struct Startup {
    pub(crate) state: Arc<StateMap>,
    pub(crate) env: Env,
}

impl fmt::Debug for Mount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self.kind {
            Kind::Http(_) => "Mount(HTTP)",
            Kind::Mounted(_) => "Mount(service)",
            Kind::Events(_) => "Mount(events)",
            Kind::Batches(_) => "Mount(batches)",
        })
    }
}

impl Mount {
    fn of(kind: Kind) -> Self {
        Mount { kind, states: Vec::new() }
    }

    /// Mounts an async fn that takes the request.
    pub fn handler<F, Fut>(handler: F) -> Self
    where
        F: Fn(Request) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Response> + Send + 'static,
    {
        Mount::of(Kind::Http(HttpService::new(service_fn(move |request| {
            let answering = handler(request);
            async move { Ok(answering.await) }
        }))))
    }

    /// Mounts an async fn that takes an event.
    pub fn events<F, Fut>(handler: F) -> Self
    where
        F: Fn(Event, Context) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<(), Error>> + Send + 'static,
    {
        Mount::of(Kind::Events(service::events(service_fn(move |call: EventCall| handler(call.event, call.context)))))
    }

    /// Mounts an async fn that is invoked with a payload and returns a result, both JSON. A server is sent the payload as the body of a
    /// request; a failure is answered with its status and a problem document.
    pub fn invoke<F, Fut>(handler: F) -> Self
    where
        F: Fn(Bytes, Context) -> Fut + Clone + Send + Sync + 'static,
        Fut: Future<Output = Result<Bytes, Error>> + Send + 'static,
    {
        Mount::handler(move |request: Request| {
            let handler = handler.clone();
            async move {
                let context = Context::of(request.extensions());
                let result = async { handler(extract::whole(request, &()).await?, context?).await };
                match result.await {
                    Ok(result) => ([(header::CONTENT_TYPE, "application/json")], result).into_response(),
                    Err(error) => error.into_response(),
                }
            }
        })
    }

    /// Mounts an async fn that takes all records of a delivery at once. It returns the outcome of each record, or an error that is the
    /// outcome of all.
    pub fn batches<F, Fut>(handler: F) -> Self
    where
        F: Fn(Vec<Record>, Context) -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Vec<Outcome>, Error>> + Send + 'static,
    {
        Mount::of(Kind::Batches(Arc::new(move |records, context| Box::pin(handler(records, context)))))
    }

    /// Mounts a whole tower service, which also takes the bare prefix of a route that ends in a wildcard.
    pub fn service<S>(service: S) -> Self
    where
        S: Service<Request> + Clone + Send + Sync + 'static,
        S::Response: IntoResponse,
        S::Error: Into<Error>,
        S::Future: Send,
    {
        Mount::made(|_| async { Ok(service::http(service)) })
    }

    /// Mounts a whole service that an async fn makes when the app starts, after the state.
    pub fn made<F, Fut>(make: F) -> Self
    where
        F: FnOnce(Startup) -> Fut + Send + 'static,
        Fut: Future<Output = Result<HttpService, Error>> + Send + 'static,
    {
        Mount::of(Kind::Mounted(Box::new(|startup| Box::pin(make(startup)))))
    }

    /// Adds a state that an argument takes. The app does not start without it.
    pub fn needs(mut self, state: Option<StateType>) -> Self {
        self.states.extend(state);
        self
    }
}
