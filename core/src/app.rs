use std::{fmt, future::Future, pin::Pin};

use axum_core::{body::Body, response::IntoResponse};
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

use crate::{Error, Function, HttpService, Mount, Router, Spec, StateMap};

/// The functions of a program, their shared state, and what is wrapped around them.
///
/// `omnifn::main!` makes one and runs it; this is the same in hand.
///
/// ```
/// use omnifn_core::App;
///
/// let app = App::new().state("a shared value").body_limit(1024 * 1024);
/// assert!(app.router().is_ok());
/// ```
#[derive(Default)]
pub struct App {
    functions: Vec<Registered>,
    state: StateMap,
    start: Option<Start>,
    layers: Vec<Wrap>,
    body_limit: Option<usize>,
    only: Option<String>,
}

/// A layer whose type is forgotten.
pub(crate) type Wrap = Box<dyn FnOnce(HttpService) -> HttpService + Send>;

type Start = Box<dyn FnOnce() -> Pin<Box<dyn Future<Output = Result<StateMap, Error>> + Send>> + Send>;

struct Registered {
    spec: &'static Spec,
    mount: Box<dyn FnOnce() -> Mount + Send>,
}

/// The body limit of an app that does not set one: 32 MiB, in bytes.
const BODY_LIMIT: usize = 32 * 1024 * 1024;

impl App {
    /// An app without functions.
    pub fn new() -> Self {
        App::default()
    }

    /// Adds a function: the struct that `#[function]` puts beside the fn, of the same name (`hello {}`).
    pub fn function<F: Function>(mut self, function: F) -> Self {
        self.functions.push(Registered { spec: F::SPEC, mount: Box::new(|| function.mount()) });
        self
    }

    /// Adds a value that functions take as `State<T>`, one of each type.
    pub fn state<T: Clone + Send + Sync + 'static>(mut self, value: T) -> Self {
        self.state.insert(value);
        self
    }

    /// Makes a state when the program starts, before its first invocation. Where that fails, the program ends with the
    /// error, by the platform's own means.
    pub fn state_from<T, E, Fut>(mut self, connect: impl FnOnce() -> Fut + Send + 'static) -> Self
    where
        T: Clone + Send + Sync + 'static,
        E: Into<Error>,
        Fut: Future<Output = Result<T, E>> + Send + 'static,
    {
        let before = self.start.take();
        self.start = Some(Box::new(move || {
            Box::pin(async move {
                let mut state = match before {
                    Some(before) => before().await?,
                    None => StateMap::default(),
                };
                state.insert(connect().await.map_err(Into::into)?);
                Ok(state)
            })
        }));
        self
    }

    /// Wraps a tower layer around everything that takes an HTTP request. The last one added is the outermost. It sees
    /// requests that no function takes, too.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<HttpService> + Send + 'static,
        L::Service: Service<Request<Body>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request<Body>>>::Response: IntoResponse,
        <L::Service as Service<Request<Body>>>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        <L::Service as Service<Request<Body>>>::Future: Send,
    {
        self.layers.push(Box::new(move |inner| HttpService::new(layer.layer(inner))));
        self
    }

    /// The largest request body that an extractor reads, in bytes: 32 MiB unless set. A larger one is a 413.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = Some(bytes);
        self
    }

    /// Serves this function alone, whatever others there are.
    pub fn only(mut self, name: impl Into<String>) -> Self {
        self.only = Some(name.into());
        self
    }

    /// What is known of each function.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        self.functions.iter().map(|function| function.spec)
    }

    /// Makes the app ready: starts its state, then builds its router.
    ///
    /// # Errors
    /// The error of the function given to [`state_from`](App::state_from), or [`InvalidApp`] as an [`Error`].
    pub async fn start(mut self) -> Result<Router, Error> {
        let started = match self.start.take() {
            Some(start) => start().await?,
            None => StateMap::default(),
        };
        Ok(self.router()?.with_state(started))
    }

    /// Builds the router, without starting any state.
    ///
    /// # Errors
    /// [`InvalidApp`] where two functions have one name or take the same requests, a route is malformed, or the function
    /// that alone is to be served is not there.
    pub fn router(self) -> Result<Router, InvalidApp> {
        let specs: Vec<_> = self.specs().collect();
        if let Some(only) = &self.only
            && !specs.iter().any(|spec| spec.name == only)
        {
            let names = specs.iter().map(|spec| spec.name).collect::<Vec<_>>().join("`, `");
            return Err(InvalidApp(format!("there is no function `{only}` here; there are: `{names}`")));
        }
        for (i, spec) in specs.iter().enumerate() {
            if let Some(other) = specs[..i].iter().find(|other| other.name == spec.name) {
                let (here, there) = (spec.location, other.location);
                return Err(InvalidApp(format!("two functions have the name `{}`: at {there} and {here}", spec.name)));
            }
        }
        let functions = self.functions.into_iter().map(|function| (function.spec, (function.mount)()));
        Router::new(functions, self.layers, self.state, self.body_limit.unwrap_or(BODY_LIMIT), self.only.as_deref())
            .map_err(InvalidApp)
    }
}

impl fmt::Debug for App {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("App")
            .field("functions", &self.specs().map(|spec| spec.name).collect::<Vec<_>>())
            .field("state", &self.state)
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}

/// An app that cannot run, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidApp(String);

impl fmt::Display for InvalidApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidApp {}
