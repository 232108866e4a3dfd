use std::{any::Any, fmt, pin::Pin, sync::Arc, time::Duration};

use axum::{extract::Request, response::IntoResponse};
use futures_util::FutureExt as _;
use omnifn_spec::conflict::has_path_of;
use tower_layer::Layer;
use tower_service::Service;

use crate::{
    Connect, Cors, Env, Error, ErrorKind, EventCall, EventService, Function, Functions, Hook, HttpService, Limits,
    Mount, Router, Routes, Spec, StateMap, StateParts,
    cors::CorsPolicy,
    function::{Kind, Startup, StateType},
    functions::{listed, names, routes_by_name},
    router::{Callable, Table},
    service,
};

/// The functions of a program, their shared state, and what is wrapped around them.
///
/// `omnifn::main!` creates an app and runs it. Written by hand, that is:
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
    connects: Vec<ConnectState>,
    parts: Vec<AddParts>,
    hooks: Hooks,
    layers: Vec<HttpLayer>,
    function_layers: Vec<(String, HttpLayer)>,
    event_layers: Vec<(String, EventLayer)>,
    limits: Limits,
    cors: Option<Cors>,
    only: Option<String>,
}

struct Registered {
    spec: &'static Spec,
    mount: Box<dyn FnOnce() -> Mount + Send>,
}

/// A function whose routes are known before the state is made.
struct Planned {
    spec: &'static Spec,
    kind: Kind,
    states: Vec<StateType>,
    routes: Routes,
    is_served: bool,
}

type HttpLayer = Box<dyn FnOnce(HttpService) -> HttpService + Send>;
type EventLayer = Box<dyn FnOnce(EventService) -> EventService + Send>;
type BoxFuture<'f, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'f>>;
/// Creates a state, and returns a closure that inserts it.
type ConnectState = Box<dyn FnOnce(&Env) -> BoxFuture<'static, Box<dyn FnOnce(&mut StateMap) + Send>> + Send>;
type AddParts = Box<dyn FnOnce(&mut StateMap) -> Result<(), Error> + Send>;
type RunHook = Box<dyn FnOnce(&StateMap) -> BoxFuture<'static, ()> + Send>;

/// The hooks that have not run yet.
#[derive(Default)]
pub(crate) struct Hooks {
    pub(crate) stop: Vec<RunHook>,
    pub(crate) restore: Vec<RunHook>,
}

impl Hooks {
    /// Runs each hook, whether or not the others fail, and returns the first error.
    pub(crate) async fn run(hooks: Vec<RunHook>, state: &StateMap) -> Result<(), Error> {
        let mut result = Ok(());
        for hook in hooks {
            result = result.and(hook(state).await);
        }
        result
    }
}

impl App {
    /// Creates an app without functions.
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

    /// Creates a state when the program starts, before its first invocation, with an async fn whose arguments are up to two of
    /// [`Env`] and [`Config`](crate::Config). If it fails, the failure is reported to the platform and the program ends.
    ///
    /// ```
    /// use omnifn_core::{App, Env, Result};
    ///
    /// async fn connect(env: Env) -> Result<String> {
    ///     env.require("GREETING")
    /// }
    ///
    /// let app = App::new().state_from(connect);
    /// ```
    pub fn state_from<Arguments, C: Connect<Arguments>>(mut self, connect: C) -> Self {
        self.connects.push(Box::new(move |env| {
            let connecting = connect.connect(env);
            Box::pin(async move {
                let state = connecting.await?;
                Ok(Box::new(move |map: &mut StateMap| map.insert(state)) as Box<dyn FnOnce(&mut StateMap) + Send>)
            })
        }));
        self
    }

    /// Registers a part of the state as a state of its own, so that a function can take `State<Db>` instead of the whole state.
    ///
    /// ```
    /// use omnifn_core::App;
    ///
    /// #[derive(Clone)]
    /// struct AppState {
    ///     greeting: &'static str,
    /// }
    ///
    /// let app = App::new().state(AppState { greeting: "Hello" }).part(|app: &AppState| app.greeting);
    /// ```
    pub fn part<S: Any, T: Any + Send + Sync>(mut self, part: impl FnOnce(&S) -> T + Send + 'static) -> Self {
        self.parts.push(Box::new(move |map| {
            let part = map.get::<S>().map(part).ok_or_else(|| {
                without_whole(&format!("`{}`", std::any::type_name::<T>()), std::any::type_name::<S>())
            })?;
            map.insert(part);
            Ok(())
        }));
        self
    }

    /// Registers each field of a state with `#[derive(FromRef)]` as a state of its own. A state that was given to the app directly
    /// takes precedence. Two states with a part of the same type are an error when the app starts, because it would be unclear which
    /// of the two a function gets.
    pub fn parts<S: StateParts>(mut self) -> Self {
        self.parts.push(Box::new(|map| {
            let mut parts = StateMap::default();
            let whole = std::any::type_name::<S>();
            let state = map.get::<S>().ok_or_else(|| without_whole("its parts", whole))?;
            state.add_parts(&mut parts);
            map.add_parts(parts, whole).map_err(|(part, other)| {
                let words = format!(
                    "both `{other}` and `{whole}` have a part of the type `{part}`, and a function that takes it could get \
                     either: write `#[from_ref(skip)]` on one of the two, or give them types of their own"
                );
                Error::new(ErrorKind::Config, words)
            })
        }));
        self
    }

    /// Applies a change to the app within a chain of calls.
    ///
    /// ```
    /// use omnifn_core::App;
    ///
    /// let is_small = true;
    /// let app = App::new().with(|app| if is_small { app.body_limit(1024) } else { app }).concurrency_limit(10);
    /// ```
    pub fn with(self, change: impl FnOnce(App) -> App) -> Self {
        change(self)
    }

    /// Runs an async fn after the last invocation, when the program receives a shutdown signal. The fn takes the app's state, or no
    /// argument.
    ///
    /// ```
    /// use omnifn_core::App;
    ///
    /// async fn disconnect(database: String) {}
    ///
    /// let app = App::new().state("a database".to_owned()).on_stop(disconnect);
    /// ```
    pub fn on_stop<Arguments, H: Hook<Arguments>>(mut self, hook: H) -> Self {
        self.hooks.stop.push(Box::new(move |state| hook.run(state)));
        self
    }

    /// Runs an async fn when the program is restored from a snapshot, before its first invocation there. Random values and connections
    /// from before the snapshot are shared by all restored copies, so the fn replaces them. If it fails, so does the start.
    pub fn on_restore<Arguments, H: Hook<Arguments>>(mut self, hook: H) -> Self {
        self.hooks.restore.push(Box::new(move |state| hook.run(state)));
        self
    }

    /// Wraps a tower layer around everything that takes an HTTP request. The last one added is the outermost. It also sees
    /// requests that no function takes. It does not see a direct invocation, which is not an HTTP request.
    pub fn layer<L>(mut self, layer: L) -> Self
    where
        L: Layer<HttpService> + Send + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse,
        <L::Service as Service<Request>>::Error: Into<Error>,
        <L::Service as Service<Request>>::Future: Send,
    {
        self.layers.push(Box::new(move |inner| service::http(layer.layer(inner))));
        self
    }

    /// Wraps a tower layer around one function that takes HTTP requests or is invoked directly, by its name. The last one added is the
    /// outermost. The layer sees a direct invocation as a `POST` with the payload as its body.
    pub fn function_layer<L>(mut self, function: impl Into<String>, layer: L) -> Self
    where
        L: Layer<HttpService> + Send + 'static,
        L::Service: Service<Request> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request>>::Response: IntoResponse,
        <L::Service as Service<Request>>::Error: Into<Error>,
        <L::Service as Service<Request>>::Future: Send,
    {
        self.function_layers.push((function.into(), Box::new(move |inner| service::http(layer.layer(inner)))));
        self
    }

    /// Wraps a tower layer around one function that takes events, by its name. The layer sees each event as an [`EventCall`], and its
    /// error decides what becomes of the event. The last one added is the outermost. A function that takes a
    /// [`Batch`](crate::event::Batch) has no event layers.
    pub fn event_layer<L>(mut self, function: impl Into<String>, layer: L) -> Self
    where
        L: Layer<EventService> + Send + 'static,
        L::Service: Service<EventCall, Response = ()> + Clone + Send + Sync + 'static,
        <L::Service as Service<EventCall>>::Error: Into<Error>,
        <L::Service as Service<EventCall>>::Future: Send,
    {
        self.event_layers.push((function.into(), Box::new(move |inner| service::events(layer.layer(inner)))));
        self
    }

    /// Allows pages of other origins to call the HTTP functions from a browser. Preflights are answered for every path, and every response
    /// has the headers that a browser needs, whatever produces it: a function, the router (404, 405), or the runtime (503, 504).
    ///
    /// In `omnifn::main!`, it is the option `cors`, which deployments are written from, too. A call of this method is not known to them.
    ///
    /// ```
    /// use omnifn_core::{App, Cors};
    ///
    /// let app = App::new().cors(Cors { credentials: true, ..Cors::of(&["https://shop.example.com"]) });
    /// ```
    pub fn cors(mut self, cors: Cors) -> Self {
        self.cors = Some(cors);
        self
    }

    /// Sets the largest request body that an extractor reads, in bytes. The default is the provider's limit
    /// ([`Adapter::body_limit`](crate::Adapter::body_limit)). A larger body is answered with 413.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = Some(bytes);
        self
    }

    /// Sets how many invocations run at once, on a platform that sends several to one process; there is no limit by default. A request
    /// beyond the limit is answered with 503 and `Retry-After`, an event is delivered again. A request counts until its response has
    /// been sent, or the client has disconnected.
    pub fn concurrency_limit(mut self, invocations: usize) -> Self {
        self.limits.concurrency = Some(invocations);
        self
    }

    /// Sets how long before the platform's deadline a function is cancelled. Then a request is answered with 504, and an event is delivered
    /// again. The default is a
    /// twentieth of the available time, and half a second at most. A function that does not await cannot be cancelled.
    pub fn deadline_margin(mut self, margin: Duration) -> Self {
        self.limits.deadline_margin = Some(margin);
        self
    }

    /// Serves only this function, or several, given as a list separated by commas. An empty list is an invalid app.
    pub fn only(mut self, names: impl Into<String>) -> Self {
        self.only = Some(names.into());
        self
    }

    /// Returns the declaration of each function.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        self.functions.iter().map(|function| function.spec)
    }

    /// Returns the functions that the app serves: all, unless [`only`](App::only) limits it to some of them.
    pub fn functions(&self) -> Functions {
        let only = self.only.as_deref().map(names);
        self.specs().filter(|spec| only.as_ref().is_none_or(|only| only.contains(&spec.name))).collect()
    }

    /// Starts the app: makes its state, then the services that it mounts, then its router.
    ///
    /// # Errors
    /// [`InvalidApp`] as an [`Error`], before anything is connected; the error of the fn given to [`state_from`](App::state_from) or of one
    /// that returns a service; or a function takes a `State` that the app was not given.
    pub async fn start(mut self, env: &Env) -> Result<Router, Error> {
        let (functions, routes) = self.plan().map_err(|why| Error::new(ErrorKind::Function, why))?;
        let state = self.connect(env).await?;
        for function in functions.iter().filter(|function| function.is_served) {
            if let Some(missing) = function.states.iter().find(|needed| !state.has(needed.id)) {
                let (name, words) = (function.spec.name, state.missing(missing.name));
                return Err(Error::new(
                    ErrorKind::Config,
                    format!("the function `{name}` takes `State<{}>`: {words}", missing.name),
                ));
            }
        }
        self.finish(functions, routes, Startup { state: Arc::new(state), env: env.clone() }).await
    }

    /// Builds the router without running the fns that make a state, for tests.
    ///
    /// # Errors
    /// [`InvalidApp`]: two functions have one name or take the same requests, a route is malformed, a function that is to be served does
    /// not exist, or a mounted service is not ready at once.
    pub fn router(mut self) -> Result<Router, InvalidApp> {
        let (functions, routes) = self.plan().map_err(InvalidApp)?;
        let startup = Startup { state: Arc::new(std::mem::take(&mut self.state)), env: Env::of::<String, String>([]) };
        match self.finish(functions, routes, startup).now_or_never() {
            Some(router) => router.map_err(|error| InvalidApp(error.to_string())),
            None => Err(InvalidApp("a mounted service is created asynchronously: use `App::start`".to_owned())),
        }
    }

    /// Checks everything that can be checked before the state is made.
    fn plan(&mut self) -> Result<(Vec<Planned>, Routes), String> {
        if let Some(cors) = &self.cors {
            cors.check().map_err(|why| format!("`App::cors`: {why}"))?;
        }
        let only = self.only.as_deref().map(names);
        self.check_names(only.as_deref())?;
        let (mut functions, mut routes): (Vec<Planned>, _) = (Vec::new(), Routes::default());
        for Registered { spec, mount } in std::mem::take(&mut self.functions) {
            let Mount { kind, states } = mount();
            let is_mounted = matches!(kind, Kind::Mounted(_));
            let is_served = only.as_ref().is_none_or(|only| only.contains(&spec.name));
            let mut own = Routes::default();
            let in_function = |why| format!("function `{}`: {why}", spec.name);
            for route in routes_by_name(spec) {
                own.add(functions.len(), route, is_mounted).map_err(in_function)?;
            }
            for route in spec.routes().iter().filter(|_| is_served) {
                routes.add(functions.len(), route, is_mounted).map_err(in_function)?;
            }
            functions.push(Planned { spec, kind, states, routes: own, is_served });
        }
        let served = || functions.iter().filter(|function| function.is_served).map(|function| function.spec);
        for invoked in served() {
            if let Some(http) = served().find(|http| has_path_of(http, invoked)) {
                let (http, name) = (http.name, invoked.name);
                return Err(format!(
                    "`POST /{name}` invokes the function `{name}`, but the function `{http}` has that route: rename one of them"
                ));
            }
        }
        let takes_events = |name: &str| {
            let found = functions.iter().find(|function| function.spec.name == name);
            found.map(|found| (matches!(found.kind, Kind::Events(_) | Kind::Batches(_)), found.spec.class().takes()))
        };
        let for_http = self.function_layers.iter().map(|(name, _)| (name, false));
        let for_events = self.event_layers.iter().map(|(name, _)| (name, true));
        for (name, for_events) in for_http.chain(for_events) {
            match takes_events(name) {
                None => return Err(format!("a layer was added for the unknown function `{name}`")),
                Some((false, _)) if for_events => {
                    return Err(format!("`{name}` takes HTTP requests: add its layers with `App::function_layer`"));
                }
                Some((true, takes)) if !for_events => {
                    return Err(format!("`{name}` takes {takes}: add its layers with `App::event_layer`"));
                }
                Some(_) => {}
            }
        }
        let takes_batches = |name: &str| {
            functions.iter().any(|function| function.spec.name == name && matches!(function.kind, Kind::Batches(_)))
        };
        if let Some((name, _)) = self.event_layers.iter().find(|(name, _)| takes_batches(name)) {
            return Err(format!(
                "`{name}` takes a `Batch`, but a layer of `App::event_layer` receives one event at a time"
            ));
        }
        Ok((functions, routes))
    }

    fn check_names(&self, only: Option<&[&str]>) -> Result<(), String> {
        if let Some(only) = only {
            let unknown = only.iter().find(|name| !self.specs().any(|spec| spec.name == **name));
            let wrong = match unknown {
                Some(name) => format!("unknown function `{name}`"),
                None if only.is_empty() => {
                    format!(
                        "expected the name of a function to serve, received {:?}",
                        self.only.as_deref().unwrap_or_default()
                    )
                }
                None => String::new(),
            };
            if !wrong.is_empty() {
                return Err(format!("{wrong}; the functions are: {}", listed(self.specs())));
            }
        }
        for (i, spec) in self.specs().enumerate() {
            if let Some(other) = self.specs().take(i).find(|other| other.name == spec.name) {
                let (name, there, here) = (spec.name, other.location, spec.location);
                return Err(format!("two functions have the name `{name}`: at {there} and {here}"));
            }
        }
        Ok(())
    }

    /// Creates the state. A state that an async fn creates takes precedence over one that was given.
    async fn connect(&mut self, env: &Env) -> Result<StateMap, Error> {
        let mut state = StateMap::default();
        for connect in std::mem::take(&mut self.connects) {
            connect(env).await?(&mut state);
        }
        state.add_missing(std::mem::take(&mut self.state));
        for add in std::mem::take(&mut self.parts) {
            add(&mut state)?;
        }
        Ok(state)
    }

    /// Creates the mounted services, and applies all layers.
    async fn finish(self, planned: Vec<Planned>, routes: Routes, startup: Startup) -> Result<Router, Error> {
        let mut function_layers = self.function_layers;
        let mut event_layers = self.event_layers;
        let mut functions = Vec::new();
        for Planned { spec, kind, routes, is_served, .. } in planned {
            let is_mounted = matches!(kind, Kind::Mounted(_));
            let service = match kind {
                Kind::Events(service) => {
                    let layers = event_layers.extract_if(.., |(name, _)| name == spec.name);
                    let service = layers.fold(service, |service, (_, layer)| layer(service));
                    functions.push(Callable::events(spec, is_served, service));
                    continue;
                }
                Kind::Batches(function) => {
                    functions.push(Callable::batches(spec, is_served, function));
                    continue;
                }
                Kind::Http(service) => service,
                // A service that is not served is not made, because its state may be missing.
                Kind::Mounted(_) if !is_served => service::unserved(),
                Kind::Mounted(make) => make(startup.clone()).await?,
            };
            let layers = function_layers.extract_if(.., |(name, _)| name == spec.name);
            let service = layers.fold(service, |service, (_, layer)| layer(service));
            functions.push(Callable::http(spec, routes, is_served, is_mounted, &service));
        }
        let table = Table::new(routes, functions, self.limits, self.hooks);
        let around = |service| self.layers.into_iter().fold(service, |service, layer| layer(service));
        let cors = self.cors.map(CorsPolicy::new).transpose().map_err(|why| Error::new(ErrorKind::Function, why))?;
        Ok(Router::new(table, around, cors, startup.state))
    }
}

fn without_whole(part: &str, whole: &str) -> Error {
    Error::new(ErrorKind::Config, format!("{part} would be of the state `{whole}`, which was not given"))
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

/// The reason why an app cannot run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidApp(String);

impl fmt::Display for InvalidApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidApp {}
