use std::{fmt, sync::Arc};

use axum_core::{
    body::Body,
    extract::DefaultBodyLimit,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, Request, header};
use http_body::Body as _;

use crate::{
    Context, Error, ErrorKind, HttpService, Mount, PathParams, Routes, Spec, StateMap, Target, app::Wrap,
    route::NotFound,
};

/// An app that is ready for requests.
///
/// A runtime feeds it; a test may as well.
#[derive(Clone)]
pub struct Router {
    table: Arc<Table>,
    layered: Option<HttpService>,
    state: Arc<StateMap>,
}

struct Table {
    functions: Vec<Callable>,
    routes: Routes,
    body_limit: usize,
}

struct Callable {
    spec: &'static Spec,
    service: HttpService,
    /// Its own routes alone, for a platform that has chosen it by name.
    routes: Routes,
}

impl Router {
    /// Builds the tables. Of the functions, `only` has its routes among all, where it is given.
    pub(crate) fn new(
        functions: impl Iterator<Item = (&'static Spec, Mount)>,
        layers: Vec<Wrap>,
        state: StateMap,
        body_limit: usize,
        only: Option<&str>,
    ) -> Result<Self, String> {
        let mut table = Table { functions: Vec::new(), routes: Routes::default(), body_limit };
        for (index, (spec, mount)) in functions.enumerate() {
            let mut routes = Routes::default();
            for route in spec.routes() {
                let named = |why| format!("function `{}`: {why}", spec.name);
                routes.add(0, route, mount.takes_prefix).map_err(named)?;
                if only.is_none_or(|only| only == spec.name) {
                    table.routes.add(index, route, mount.takes_prefix).map_err(named)?;
                }
            }
            table.functions.push(Callable { spec, service: mount.service, routes });
        }
        let table = Arc::new(table);
        let layered = layers.into_iter().fold(None, |inner, layer| {
            let inner = inner.unwrap_or_else(|| {
                let table = table.clone();
                HttpService::from_fn(move |request| {
                    let table = table.clone();
                    async move { table.respond(request).await }
                })
            });
            Some(layer(inner))
        });
        Ok(Router { table, layered, state: Arc::new(state) })
    }

    /// The same, with these values before those that the app was given.
    pub(crate) fn with_state(mut self, state: StateMap) -> Self {
        let given = Arc::into_inner(self.state).unwrap_or_default();
        self.state = Arc::new(state.over(given));
        self
    }

    /// The state that the app's functions share, for a [`Context`].
    pub fn state(&self) -> Arc<StateMap> {
        self.state.clone()
    }

    /// What is known of each function.
    pub fn specs(&self) -> impl Iterator<Item = &'static Spec> {
        self.table.functions.iter().map(|function| function.spec)
    }

    /// The largest body that is read, in bytes.
    pub fn body_limit(&self) -> usize {
        self.table.body_limit
    }

    /// Lets the function that the request is for answer it, through the app's layers. A request that no function takes
    /// is answered, too: 404 or 405.
    pub async fn respond(&self, mut request: Request<Body>, target: Target, context: Context) -> Response {
        let extensions = request.extensions_mut();
        extensions.insert(context);
        if target != Target::Route {
            extensions.insert(target);
        }
        match &self.layered {
            None => self.table.respond(request).await,
            Some(service) => service.respond(request).await,
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
    async fn respond(&self, mut request: Request<Body>) -> Response {
        let head = request.method() == http::Method::HEAD;
        let (function, params) = match self.find(&request) {
            Ok(found) => found,
            Err(error) => return error.into_response(),
        };
        match Context::of(request.extensions()) {
            Ok(context) => context.choose(function.spec),
            Err(error) => return error.into_response(),
        }
        request.extensions_mut().insert(params);
        DefaultBodyLimit::max(self.body_limit).apply(&mut request);
        let mut response = function.service.respond(request).await;
        if head {
            drop_body(&mut response);
        }
        response
    }

    fn find(&self, request: &Request<Body>) -> Result<(&Callable, PathParams), Error> {
        let (method, path) = (request.method(), request.uri().path());
        let (found, chosen) = match request.extensions().get::<Target>() {
            Some(Target::Function(name)) => {
                let function = self.named(name)?;
                (function.routes.find(method, path), Some(function))
            }
            _ => (self.routes.find(method, path), None),
        };
        match found {
            Ok(found) => Ok((chosen.unwrap_or_else(|| &self.functions[found.function]), found.params)),
            Err(NotFound::Path) => Err(Error::new(ErrorKind::NotFound, format!("no function takes the path {path}"))),
            Err(NotFound::Method(methods)) => {
                let allow = HeaderValue::try_from(methods.to_string());
                let error =
                    Error::new(ErrorKind::MethodNotAllowed, format!("{path} takes {methods}, and {method} came"));
                Err(allow.into_iter().fold(error, Error::with_allow))
            }
        }
    }

    fn named(&self, name: &str) -> Result<&Callable, Error> {
        self.functions.iter().find(|function| function.spec.name == name).ok_or_else(|| {
            let names = self.functions.iter().map(|f| f.spec.name).collect::<Vec<_>>().join("`, `");
            Error::new(
                ErrorKind::NotFound,
                format!("the platform asked for the function `{name}`; there are: `{names}`"),
            )
        })
    }
}

/// A `HEAD` is answered with the head that `GET` would have: its length stays, its body does not.
fn drop_body(response: &mut Response) {
    if let Some(length @ 1..) = response.body().size_hint().exact() {
        response.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length.into());
    }
    *response.body_mut() = Body::empty();
}
