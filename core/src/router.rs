mod responding;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum_core::{body::Body, extract::DefaultBodyLimit};
use http::{HeaderValue, Request};
use http_body::Body as _;

use crate::{
    Context, Delivering, Error, ErrorKind, EventCall, Functions, HttpService, Limits, Mount, PathParams, Routes, Spec,
    StateMap, Target,
    app::Hooks,
    event::Event,
    function::Kind,
    functions::listed,
    layers::Layered,
    route::{Found, NotFound},
};

pub use responding::Responding;

/// An app that is ready for requests.
///
/// A runtime feeds it; a test may as well.
#[derive(Clone)]
pub struct Router {
    table: Arc<Table>,
    layered: Option<Layered>,
    state: Arc<StateMap>,
}

/// What is yet to run, once.
#[derive(Default)]
pub(crate) struct Waiting {
    pub(crate) stop: Hooks,
    pub(crate) restore: Hooks,
}

/// The functions, and which of them a request is for.
pub(crate) struct Table {
    functions: Vec<Callable>,
    routes: Routes,
    limits: Limits,
    hooks: Mutex<Waiting>,
}

struct Callable {
    spec: &'static Spec,
    kind: Kind,
    /// Its own routes alone, for a platform that has chosen it by name.
    routes: Routes,
    /// Whether it is served: not where another one alone is.
    served: bool,
}

impl Router {
    pub(crate) fn new(table: Arc<Table>, layered: Option<Layered>, state: StateMap) -> Self {
        Router { table, layered, state: Arc::new(state) }
    }

    /// Whether something runs when the program is told to stop.
    pub fn has_stop(&self) -> bool {
        !self.waiting().stop.is_empty()
    }

    /// Whether something runs when the program wakes up from an image of itself.
    pub fn has_restore(&self) -> bool {
        !self.waiting().restore.is_empty()
    }

    /// Runs what the app wants to run when the program is told to stop: each hook, whatever becomes of the others, and once at all.
    ///
    /// # Errors
    /// The first one's that failed.
    pub fn stop(&self) -> impl Future<Output = Result<(), Error>> + Send {
        let hooks = std::mem::take(&mut self.waiting().stop);
        hooks.run(&self.state)
    }

    /// Runs what the app wants to run when the program wakes up from an image of itself, once at all.
    ///
    /// # Errors
    /// The first one's that failed.
    pub fn restore(&self) -> impl Future<Output = Result<(), Error>> + Send {
        let hooks = std::mem::take(&mut self.waiting().restore);
        hooks.run(&self.state)
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.table.hooks.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state that the app's functions share, for a [`Context`].
    pub fn state(&self) -> Arc<StateMap> {
        self.state.clone()
    }

    /// What is known of each function.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        self.table.functions.iter().map(|function| function.spec)
    }

    /// The functions that are served: all, unless one alone is.
    pub fn functions(&self) -> Functions {
        self.table.functions.iter().filter(|function| function.served).map(|function| function.spec).collect()
    }

    /// Lets a function take an event.
    ///
    /// # Errors
    /// There is no such function, or it takes no events. What the future gives is the function's own, or that of an argument which cannot
    /// be made of the event.
    pub fn deliver(&self, function: &'static Spec, event: Event, context: Context) -> Result<Delivering, Error> {
        let found = self.table.functions.iter().find(|known| known.spec.name == function.name);
        match found.map(|found| &found.kind) {
            Some(Kind::Events(service)) => {
                context.choose(function);
                Ok(service.deliver(EventCall::new(event, context)))
            }
            Some(Kind::Http { .. }) => {
                let words =
                    format!("{} came for the function `{}`, which takes HTTP requests", event.what(), function.name);
                Err(Error::new(ErrorKind::Unsupported, words))
            }
            None => Err(Error::new(ErrorKind::NotFound, format!("there is no function `{}`", function.name))),
        }
    }

    /// What the app allows.
    pub fn limits(&self) -> &Limits {
        &self.table.limits
    }

    /// Lets the function that the request is for answer it, through the app's layers. A request that no function takes
    /// is answered, too: 404 or 405.
    pub fn respond(&self, mut request: Request<Body>, target: Target, context: &mut Context) -> Responding {
        if let Some(layered) = &self.layered {
            return Responding::of(layered.respond(request, target, context.clone()), false);
        }
        // It is chosen for the first time, so parameters go to the context alone.
        let prepared = self.table.prepare(&mut request, &target, Ok(context), |_, _| {});
        request.extensions_mut().insert(context.clone());
        match prepared {
            Ok((service, is_head)) => Responding::of(service.respond(request), is_head),
            Err(error) => error.into(),
        }
    }
}

impl fmt::Debug for Router {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Router")
            .field("routes", &self.table.routes)
            .field("layered", &self.layered.is_some())
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl Table {
    pub(crate) fn of(limits: Limits, hooks: Waiting) -> Self {
        Table { functions: Vec::new(), routes: Routes::default(), limits, hooks: Mutex::new(hooks) }
    }

    /// Adds a function. Its routes are among all where it is served.
    pub(crate) fn add(&mut self, spec: &'static Spec, mount: Mount, served: bool) -> Result<(), String> {
        let mut routes = Routes::default();
        let takes_prefix = matches!(mount.0, Kind::Http { takes_prefix: true, .. });
        for route in spec.routes() {
            let mut added = routes.add(0, route, takes_prefix);
            if served {
                added = added.and_then(|()| self.routes.add(self.functions.len(), route, takes_prefix));
            }
            added.map_err(|why| format!("function `{}`: {why}", spec.name))?;
        }
        self.functions.push(Callable { spec, kind: mount.0, routes, served });
        Ok(())
    }

    /// The function of this name, and what takes that which is for it.
    pub(crate) fn kind_of(&mut self, name: &str) -> Option<(&'static Spec, &mut Kind)> {
        let function = self.functions.iter_mut().find(|function| function.spec.name == name)?;
        Some((function.spec, &mut function.kind))
    }

    /// What layers around the whole app have inside.
    pub(crate) fn into_service(self: Arc<Self>) -> HttpService {
        HttpService::from_fn(move |request| self.respond_within(request))
    }

    /// What a request is for that has gone through the app's layers stands in its extensions.
    fn respond_within(&self, mut request: Request<Body>) -> Responding {
        let target = request.extensions().get().cloned().unwrap_or(Target::Route);
        let mut context = Context::of(request.extensions());
        let again = |request: &mut Request<Body>, params| drop(request.extensions_mut().insert::<PathParams>(params));
        let prepared = self.prepare(&mut request, &target, context.as_mut().map_err(|error| error.clone()), again);
        match prepared {
            Ok((service, is_head)) => Responding::of(service.respond(request), is_head),
            Err(error) => error.into(),
        }
    }

    /// What answers a request, which is made ready for it; and whether the answer is only wanted for its head. The parameters of a second
    /// choice go `again` to the request.
    fn prepare(
        &self,
        request: &mut Request<Body>,
        target: &Target,
        context: Result<&mut Context, Error>,
        again: impl FnOnce(&mut Request<Body>, PathParams),
    ) -> Result<(&HttpService, bool), Error> {
        let is_head = request.method() == http::Method::HEAD;
        let (function, found) = self.find(request, target)?;
        let context = context?;
        if let Err(params) = context.choose_route(function.spec, found.pattern, found.params) {
            again(request, params);
        }
        // Where none comes, as with nearly every GET, there is nothing to limit, and to say it would take a box and a place in a map.
        if !request.body().is_end_stream() {
            let limit = self.limits.body.or(context.body_limit()).unwrap_or(Limits::BODY);
            DefaultBodyLimit::max(limit).apply(request);
        }
        let Kind::Http { service, .. } = &function.kind else {
            let words = format!(
                "the function `{}` takes {}, not HTTP requests",
                function.spec.name,
                function.spec.class().takes()
            );
            return Err(Error::new(ErrorKind::NotFound, words));
        };
        Ok((service, is_head))
    }

    fn find(&self, request: &Request<Body>, target: &Target) -> Result<(&Callable, Found), Error> {
        let (method, path) = (request.method(), request.uri().path());
        let chosen = match target {
            Target::Function(name) => Some(self.named(name)?),
            Target::Route => None,
        };
        let routes = chosen.map_or(&self.routes, |function| &function.routes);
        match routes.find_in(method, path, request.uri().path_and_query()) {
            Ok(found) => Ok((chosen.unwrap_or_else(|| &self.functions[found.function]), found)),
            Err(NotFound::Path) => Err(Error::new(ErrorKind::NotFound, format!("no function takes the path {path}"))),
            Err(NotFound::Method(methods)) => {
                let words = format!("{path} takes {methods}, and {method} came");
                let error = Error::new(ErrorKind::MethodNotAllowed, words);
                Err(match HeaderValue::try_from(methods.to_string()) {
                    Ok(allow) => error.with_allow(allow),
                    Err(_) => error,
                })
            }
        }
    }

    fn named(&self, name: &str) -> Result<&Callable, Error> {
        self.functions.iter().find(|function| function.spec.name == name).ok_or_else(|| {
            let there_are = listed(&mut self.functions.iter().map(|function| function.spec));
            let words = format!("the platform asked for the function `{name}`; there are: {there_are}");
            Error::new(ErrorKind::NotFound, words)
        })
    }
}
