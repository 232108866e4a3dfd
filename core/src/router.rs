use std::{
    convert::Infallible,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{DefaultBodyLimit, Request},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Method};
use tower::{ServiceExt, service_fn};

use crate::{
    Context, Cors, CrossOrigin, Error, ErrorKind, EventCall, EventService, Functions, HttpService, Limits, Outcome,
    Record, Routes, Spec, StateMap, Target,
    app::Hooks,
    cors::CorsPolicy,
    event::Event,
    function::{BatchFn, BoxFuture},
    functions::{listed, routes_by_name},
    route::{NotFound, endpoint},
};

/// An app that is ready for requests.
///
/// A runtime passes it requests and events; a test can do so, too.
#[derive(Clone)]
pub struct Router {
    table: Arc<Table>,
    /// The table, wrapped in the app's layers.
    service: HttpService,
    cors: Option<CorsPolicy>,
    state: Arc<StateMap>,
}

/// The future of a function that takes an event.
pub type Delivering = BoxFuture<Result<(), Error>>;

/// The future of a function that takes all records of a delivery at once. Its error is the outcome of all records.
pub type DeliveringBatch = BoxFuture<Result<Vec<Outcome>, Error>>;

/// The functions, and the routes that choose one for a request.
pub(crate) struct Table {
    functions: Vec<Callable>,
    /// The routes of all functions that are served.
    routes: Routes,
    limits: Limits,
    hooks: Mutex<Hooks>,
}

pub(crate) struct Callable {
    spec: &'static Spec,
    /// The routes of this function only, for a platform that has chosen it by name.
    routes: Routes,
    is_served: bool,
    handler: Handler,
}

enum Handler {
    /// The pattern of each route, and the router that serves it.
    Http(Vec<(Option<&'static str>, axum::Router)>),
    Events(EventService),
    Batches(BatchFn),
}

impl Router {
    pub(crate) fn new(
        table: Table,
        layers: impl FnOnce(HttpService) -> HttpService,
        cors: Option<CorsPolicy>,
        state: Arc<StateMap>,
    ) -> Self {
        let table = Arc::new(table);
        let inner = table.clone();
        let service = layers(HttpService::new(service_fn(move |request| {
            let table = inner.clone();
            async move { Ok(table.respond(request).await) }
        })));
        Router { table, service, cors, state }
    }

    /// Returns whether a hook runs at shutdown.
    pub fn has_stop(&self) -> bool {
        !self.hooks().stop.is_empty()
    }

    /// Returns whether a hook runs when the program is restored from a snapshot.
    pub fn has_restore(&self) -> bool {
        !self.hooks().restore.is_empty()
    }

    /// Runs the shutdown hooks, each once, whether or not the others fail.
    ///
    /// # Errors
    /// The first error that a hook returns.
    pub fn stop(&self) -> impl Future<Output = Result<(), Error>> + Send {
        let hooks = std::mem::take(&mut self.hooks().stop);
        Hooks::run(hooks, &self.state)
    }

    /// Runs the restore hooks, each once, whether or not the others fail.
    ///
    /// # Errors
    /// The first error that a hook returns.
    pub fn restore(&self) -> impl Future<Output = Result<(), Error>> + Send {
        let hooks = std::mem::take(&mut self.hooks().restore);
        Hooks::run(hooks, &self.state)
    }

    fn hooks(&self) -> MutexGuard<'_, Hooks> {
        self.table.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the state that the app's functions share, for a [`Context`].
    pub fn state(&self) -> Arc<StateMap> {
        self.state.clone()
    }

    /// Returns the declaration of each function.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        self.table.functions.iter().map(|function| function.spec)
    }

    /// Returns the functions that are served: all, unless the app is limited to some of them.
    pub fn functions(&self) -> Functions {
        self.table.functions.iter().filter(|function| function.is_served).map(|function| function.spec).collect()
    }

    /// Returns the app's limits.
    pub fn limits(&self) -> &Limits {
        &self.table.limits
    }

    /// Calls a function with an event.
    ///
    /// # Errors
    /// The app does not have the function, or it takes no events. The future's error is the function's own, or that of an argument which
    /// cannot be read from the event.
    pub fn deliver(&self, function: &'static Spec, event: Event, context: Context) -> Result<Delivering, Error> {
        let found = self.table.functions.iter().find(|known| known.spec.name == function.name);
        match found.map(|found| &found.handler) {
            Some(Handler::Events(service)) => {
                context.choose(function, None);
                let called = service.clone().oneshot(EventCall::new(event, context));
                Ok(Box::pin(async { called.await.map_err(Error::from) }))
            }
            Some(Handler::Batches(call)) => {
                context.choose(function, None);
                let called = call(vec![Record::new(Ok(event))], context);
                Ok(Box::pin(async {
                    match called.await?.pop() {
                        Some(Outcome::Done | Outcome::Filtered) => Ok(()),
                        Some(Outcome::Failed(error)) => Err(error),
                        Some(Outcome::NotStarted) | None => Err(Error::retry("the record was not started")),
                    }
                }))
            }
            Some(Handler::Http(_)) => {
                let words =
                    format!("{} was sent to the function `{}`, which takes HTTP requests", event.what(), function.name);
                Err(Error::new(ErrorKind::Unsupported, words))
            }
            None => Err(Error::new(ErrorKind::NotFound, format!("unknown function `{}`", function.name))),
        }
    }

    /// Returns whether a function takes all records of a delivery at once.
    pub fn takes_batches(&self, function: &Spec) -> bool {
        self.batches(function).is_some()
    }

    /// Calls a function with all records of a delivery at once. The future's error is the outcome of all of them.
    ///
    /// # Errors
    /// The app does not have the function, or it takes events one at a time.
    pub fn deliver_batch(
        &self,
        function: &'static Spec,
        records: Vec<Record>,
        context: Context,
    ) -> Result<DeliveringBatch, Error> {
        let missing =
            || Error::new(ErrorKind::NotFound, format!("the function `{}` does not take batches", function.name));
        let call = self.batches(function).ok_or_else(missing)?;
        context.choose(function, None);
        Ok(call(records, context))
    }

    fn batches(&self, function: &Spec) -> Option<&BatchFn> {
        let found = self.table.functions.iter().find(|known| known.spec.name == function.name)?;
        match &found.handler {
            Handler::Batches(call) => Some(call),
            Handler::Http(_) | Handler::Events(_) => None,
        }
    }

    /// Returns the origins whose pages may call, if the app declares any.
    pub fn cors(&self) -> Option<&Cors> {
        self.cors.as_ref().map(CorsPolicy::declared)
    }

    /// Returns the answer of [`App::cors`](crate::App::cors) to a request; `None` if nothing is declared, or the request is a direct
    /// invocation. The caller of [`respond`](Router::respond) adds its headers to every response.
    pub fn cross_origin(
        &self,
        request: &Request,
        target: &Target,
    ) -> impl Future<Output = Option<CrossOrigin>> + Send + use<> {
        let policy = self.cors.as_ref().filter(|_| !matches!(target, Target::Invoke(_)));
        let answering = policy.map(|policy| policy.headers(request));
        async move { Some(answering?.await) }
    }

    /// Answers a request through the app's layers and by its function. A request that no function takes is answered
    /// with 404 or 405.
    pub async fn respond(&self, mut request: Request, target: Target, context: Context) -> Response {
        let is_invoked = matches!(target, Target::Invoke(_));
        request.extensions_mut().insert(context);
        request.extensions_mut().insert(target);
        if is_invoked {
            return self.table.respond(request).await;
        }
        infallible(self.service.clone().oneshot(request).await)
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router").field("routes", &self.table.routes).field("state", &self.state).finish_non_exhaustive()
    }
}

impl Table {
    pub(crate) fn new(routes: Routes, functions: Vec<Callable>, limits: Limits, hooks: Hooks) -> Self {
        Table { functions, routes, limits, hooks: Mutex::new(hooks) }
    }

    /// Answers a request that has passed the app's layers.
    async fn respond(&self, mut request: Request) -> Response {
        match self.choose(&mut request) {
            Ok(endpoint) => infallible(endpoint.oneshot(request).await),
            Err(error) => error.into_response(),
        }
    }

    /// Chooses the function that a request is for, and records it in the request's [`Context`].
    fn choose(&self, request: &mut Request) -> Result<axum::Router, Error> {
        let named = match request.extensions().get() {
            Some(Target::Function(name) | Target::Invoke(name)) => Some(self.named(name)?),
            _ => None,
        };
        let routes = named.map_or(&self.routes, |function| &function.routes);
        let (method, path) = (request.method(), request.uri().path());
        let found = routes.find(method, path).map_err(|why| not_found(why, method, path))?;
        let function = named.unwrap_or_else(|| &self.functions[found.function]);
        let Handler::Http(endpoints) = &function.handler else {
            let words = format!(
                "the function `{}` takes {}, not HTTP requests",
                function.spec.name,
                function.spec.class().takes()
            );
            return Err(Error::new(ErrorKind::NotFound, words));
        };
        let endpoint = endpoints.iter().find(|(pattern, _)| *pattern == found.pattern);
        let (_, endpoint) = endpoint.ok_or_else(|| not_found(NotFound::Path, method, path))?;
        let context = Context::of(request.extensions())?;
        context.choose(function.spec, found.pattern);
        let limit = self.limits.body.or(context.body_limit()).unwrap_or(Limits::BODY);
        DefaultBodyLimit::max(limit).apply(request);
        Ok(endpoint.clone())
    }

    fn named(&self, name: &str) -> Result<&Callable, Error> {
        self.functions.iter().find(|function| function.spec.name == name).ok_or_else(|| {
            let functions = listed(self.functions.iter().map(|function| function.spec));
            let words = format!("the platform requested the unknown function `{name}`; the functions are: {functions}");
            Error::new(ErrorKind::NotFound, words)
        })
    }
}

impl Callable {
    /// Creates an HTTP function, with a router for each of its routes.
    pub(crate) fn http(
        spec: &'static Spec,
        routes: Routes,
        is_served: bool,
        is_mounted: bool,
        service: &HttpService,
    ) -> Self {
        let endpoints =
            routes_by_name(spec).iter().map(|route| (route.path, endpoint(route.path, is_mounted, service.clone())));
        Callable { spec, routes, is_served, handler: Handler::Http(endpoints.collect()) }
    }

    /// Creates an event function.
    pub(crate) fn events(spec: &'static Spec, is_served: bool, service: EventService) -> Self {
        Callable { spec, routes: Routes::default(), is_served, handler: Handler::Events(service) }
    }

    /// Creates a function of whole deliveries.
    pub(crate) fn batches(spec: &'static Spec, is_served: bool, function: BatchFn) -> Self {
        Callable { spec, routes: Routes::default(), is_served, handler: Handler::Batches(function) }
    }
}

fn not_found(why: NotFound, method: &Method, path: &str) -> Error {
    match why {
        NotFound::Path => Error::new(ErrorKind::NotFound, format!("no route matches the path {path}")),
        NotFound::Method(methods) => {
            let error = Error::new(ErrorKind::MethodNotAllowed, format!("{path} takes {methods}, not {method}"));
            match HeaderValue::try_from(methods.to_string()) {
                Ok(allow) => error.with_allow(allow),
                Err(_) => error,
            }
        }
    }
}

fn infallible(result: Result<Response, Infallible>) -> Response {
    result.unwrap_or_else(|never| match never {})
}
