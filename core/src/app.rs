mod hooks;
mod invalid;
mod making;

use std::{any::Any, fmt, sync::Arc, time::Duration};

use axum_core::{body::Body, response::IntoResponse};
use http::Request;
use tower_layer::Layer;
use tower_service::Service;

pub use invalid::InvalidApp;

pub(crate) use hooks::Hooks;

use making::{Insert, Making};

use crate::{
    Connect, Env, Error, ErrorKind, EventCall, EventService, Function, Hook, HttpService, Limits, Mount, Router, Spec,
    StateMap, StateParts,
    functions::names,
    layers::{Layered, Layers, OwnLayers},
    router::{Table, Waiting},
};

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
    making: Making,
    hooks: Waiting,
    layers: Layers,
    own_layers: OwnLayers,
    limits: Limits,
    only: Option<String>,
}

struct Registered {
    spec: &'static Spec,
    mount: Box<dyn FnOnce() -> Mount + Send>,
}

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

    /// Makes a state when the program starts, before its first invocation: an async fn whose arguments are up to two of
    /// [`Env`] and [`Config`](crate::Config). Where it fails, the program ends with the error, by the platform's own means.
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
        self.making.add_start(Box::new(move |env| {
            let connecting = connect.connect(env);
            Box::pin(async move {
                let state = connecting.await?;
                Ok(Box::new(move |map: &mut StateMap| map.insert(state)) as Insert)
            })
        }));
        self
    }

    /// Hands out a part of the state as a state of its own, so that a function takes `State<Db>` and not all of it.
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
        self.making.add_part(Box::new(move |map| {
            let part = map.get::<S>().map(part).ok_or_else(|| {
                without_whole(&format!("`{}`", std::any::type_name::<T>()), std::any::type_name::<S>())
            })?;
            map.insert(part);
            Ok(())
        }));
        self
    }

    /// Hands out each part of a state as a state of its own: those of a type with `#[derive(FromRef)]`. One that the app was given by
    /// itself goes before it. Two states that have a part of one type are an error when the app starts, for nobody would know
    /// which of the two a function gets.
    pub fn parts<S: StateParts>(mut self) -> Self {
        self.making.add_part(Box::new(|map| {
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

    /// Does something with the app: for a chain that goes on behind it.
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

    /// Runs an async fn when the program is told to stop, after the last invocation: with the app's state as its argument, or with
    /// none.
    ///
    /// ```
    /// use omnifn_core::App;
    ///
    /// async fn disconnect(database: String) {}
    ///
    /// let app = App::new().state("a database".to_owned()).on_stop(disconnect);
    /// ```
    pub fn on_stop<Arguments, H: Hook<Arguments>>(mut self, hook: H) -> Self {
        self.hooks.stop.add(move |state| hook.run(state));
        self
    }

    /// Runs an async fn when the program wakes up from an image of itself, before its first invocation there:
    /// what was random or connected before is that of every other copy. Where it fails, so does the start.
    pub fn on_restore<Arguments, H: Hook<Arguments>>(mut self, hook: H) -> Self {
        self.hooks.restore.add(move |state| hook.run(state));
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
        self.layers.add(Box::new(move |inner| HttpService::new(layer.layer(inner))));
        self
    }

    /// Wraps a tower layer around one function that takes HTTP requests, by its name. The last one added is the outermost.
    pub fn function_layer<L>(mut self, function: impl Into<String>, layer: L) -> Self
    where
        L: Layer<HttpService> + Send + 'static,
        L::Service: Service<Request<Body>> + Clone + Send + Sync + 'static,
        <L::Service as Service<Request<Body>>>::Response: IntoResponse,
        <L::Service as Service<Request<Body>>>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        <L::Service as Service<Request<Body>>>::Future: Send,
    {
        let function = function.into();
        self.own_layers.add(Box::new(move |table| {
            let service = table.http_of(&function)?;
            *service = HttpService::new(layer.layer(service.clone()));
            Ok(())
        }));
        self
    }

    /// Wraps a tower layer around one function that takes events, by its name: it sees each event as an [`EventCall`], and its
    /// error decides what becomes of it. The last one added is the outermost.
    pub fn event_layer<L>(mut self, function: impl Into<String>, layer: L) -> Self
    where
        L: Layer<EventService> + Send + 'static,
        L::Service: Service<EventCall, Response = ()> + Clone + Send + Sync + 'static,
        <L::Service as Service<EventCall>>::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
        <L::Service as Service<EventCall>>::Future: Send,
    {
        let function = function.into();
        self.own_layers.add(Box::new(move |table| {
            let service = table.events_of(&function)?;
            *service = EventService::new(layer.layer(service.clone()));
            Ok(())
        }));
        self
    }

    /// The largest request body that an extractor reads, in bytes: unless set, what the provider takes
    /// ([`Adapter::body_limit`](crate::Adapter::body_limit)). A larger one is a 413.
    pub fn body_limit(mut self, bytes: usize) -> Self {
        self.limits.body = Some(bytes);
        self
    }

    /// How many invocations run at once, on a platform that sends several to one process: any number unless set. One more is
    /// answered by 503 with `Retry-After`, or delivered again. A request runs until its answer has been sent, or nobody waits for it
    /// any more.
    pub fn concurrency_limit(mut self, invocations: usize) -> Self {
        self.limits.concurrency = Some(invocations);
        self
    }

    /// How long before the platform's deadline a function is cancelled, and answered by 504 or delivered again: a twentieth of the
    /// time that there is, and half a second at most, unless set. A function that does not await cannot be cancelled.
    pub fn deadline_margin(mut self, margin: Duration) -> Self {
        self.limits.deadline_margin = Some(margin);
        self
    }

    /// Serves this function alone, whatever others there are; or these, with commas between their names. Names none: the app is
    /// invalid.
    pub fn only(mut self, names: impl Into<String>) -> Self {
        self.only = Some(names.into());
        self
    }

    /// What is known of each function.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        self.functions.iter().map(|function| function.spec)
    }

    /// Makes the app ready: starts its state, then builds its router.
    ///
    /// # Errors
    /// The error of the fn given to [`state_from`](App::state_from), or [`InvalidApp`] as an [`Error`].
    pub async fn start(mut self, env: &Env) -> Result<Router, Error> {
        // An app that cannot run connects to nothing.
        let (table, layered) = self.build().map_err(|why| Error::new(ErrorKind::Function, why))?;
        let (making, given) = (std::mem::take(&mut self.making), std::mem::take(&mut self.state));
        drop(self);
        let state = match making.run() {
            Some(run) => run(making, given, env).await?,
            None => given,
        };
        Ok(Router::new(table, layered, state))
    }

    /// Builds the router, without making any state.
    ///
    /// # Errors
    /// [`InvalidApp`] where two functions have one name or take the same requests, a route is malformed, or the function
    /// that alone is to be served is not there.
    pub fn router(mut self) -> Result<Router, InvalidApp> {
        let (table, layered) = self.build().map_err(InvalidApp)?;
        Ok(Router::new(table, layered, self.state))
    }

    /// Takes all but the state.
    fn build(&mut self) -> Result<(Arc<Table>, Option<Layered>), String> {
        let table = Arc::new(self.table()?);
        let layered = std::mem::take(&mut self.layers).around(&table);
        Ok((table, layered))
    }

    fn table(&mut self) -> Result<Table, String> {
        let only = self.only.as_deref();
        invalid::check(&self.functions, only)?;
        let mut table = Table::of(self.limits, std::mem::take(&mut self.hooks));
        for Registered { spec, mount } in std::mem::take(&mut self.functions) {
            let is_served = only.is_none_or(|only| names(only).contains(&spec.name));
            table.add(spec, mount(), is_served)?;
        }
        std::mem::take(&mut self.own_layers).apply(&mut table)?;
        Ok(table)
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
