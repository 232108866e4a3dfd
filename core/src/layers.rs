//! Layers around the whole app, and around one function.

use std::sync::Arc;

use axum_core::body::Body;
use http::Request;

use crate::{Context, EventService, HttpService, Spec, Target, function::Kind, router::Table, service::BoxFuture};

/// A layer whose type is forgotten.
pub(crate) type Wrap = Box<dyn FnOnce(HttpService) -> HttpService + Send>;

/// The layers around the whole app: what puts them there, with all that it needs behind it. An app without layers is without that.
#[derive(Default)]
pub(crate) struct Layers(Option<Around>);

type Around = Box<dyn FnOnce(&Arc<Table>) -> Layered + Send>;
type Enter = fn(&HttpService, Request<Body>, Target, Context) -> BoxFuture;

/// The outermost layer.
#[derive(Clone)]
pub(crate) struct Layered {
    service: HttpService,
    enter: Enter,
}

impl Layered {
    /// Gives it a request.
    pub(crate) fn respond(&self, request: Request<Body>, target: Target, context: Context) -> BoxFuture {
        (self.enter)(&self.service, request, target, context)
    }
}

/// What a request is for goes with it.
fn enter(service: &HttpService, mut request: Request<Body>, target: Target, context: Context) -> BoxFuture {
    request.extensions_mut().insert(context);
    if target != Target::Route {
        request.extensions_mut().insert(target);
    }
    service.respond(request)
}

impl Layers {
    /// Adds one around those that are there.
    pub(crate) fn add(&mut self, wrap: Wrap) {
        let within = self.0.take();
        self.0 = Some(Box::new(move |table| {
            let inside = match within {
                Some(within) => within(table).service,
                None => table.clone().into_service(),
            };
            Layered { service: wrap(inside), enter }
        }));
    }

    pub(crate) fn around(self, table: &Arc<Table>) -> Option<Layered> {
        self.0.map(|around| around(table))
    }
}

/// The layers around one function each, as those around the whole app.
#[derive(Default)]
pub(crate) struct OwnLayers(Option<OwnLayer>);

impl OwnLayers {
    /// Adds one, behind those that are there.
    pub(crate) fn add(&mut self, layer: OwnLayer) {
        self.0 = Some(match self.0.take() {
            Some(first) => Box::new(move |table| first(table).and_then(|()| layer(table))),
            None => layer,
        });
    }

    /// Puts each around its function.
    pub(crate) fn apply(self, table: &mut Table) -> Result<(), String> {
        self.0.map_or(Ok(()), |apply| apply(table))
    }
}

/// Puts a layer around one function, or says why it does not fit. With its type forgotten.
pub(crate) type OwnLayer = Box<dyn FnOnce(&mut Table) -> Result<(), String> + Send>;

impl Table {
    /// What takes the HTTP requests for a function, for a layer around it.
    pub(crate) fn http_of(&mut self, name: &str) -> Result<&mut HttpService, String> {
        let (spec, kind) = self.wrapped(name)?;
        match kind {
            Kind::Http { service, .. } => Ok(service),
            Kind::Events(_) => {
                Err(format!("`{name}` takes {}: its layers are given by `App::event_layer`", spec.class().takes()))
            }
        }
    }

    /// What takes the events for a function, for a layer around it.
    pub(crate) fn events_of(&mut self, name: &str) -> Result<&mut EventService, String> {
        match self.wrapped(name)?.1 {
            Kind::Events(service) => Ok(service),
            Kind::Http { .. } => {
                Err(format!("`{name}` takes HTTP requests: its layers are given by `App::function_layer`"))
            }
        }
    }

    fn wrapped(&mut self, name: &str) -> Result<(&'static Spec, &mut Kind), String> {
        let none = || format!("a layer is for the function `{name}`, and there is none of that name");
        self.kind_of(name).ok_or_else(none)
    }
}
