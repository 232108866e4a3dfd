//! Layers around the whole app, and around one function.

use std::sync::Arc;

use axum_core::body::Body;
use http::Request;

use crate::{Context, EventService, HttpService, Spec, Target, function::Kind, router::Table, service::BoxFuture};

/// A layer whose type is forgotten.
pub(crate) type Wrap = Box<dyn FnOnce(HttpService) -> HttpService + Send>;

/// The layers around the whole app, the innermost first.
#[derive(Default)]
pub(crate) struct Layers {
    wraps: Vec<Wrap>,
    /// What is inside, as a service, and the way to it. By pointers, which the first layer sets: an app without layers needs neither.
    inside: Option<(Inside, Enter)>,
}

type Inside = fn(Arc<Table>) -> HttpService;
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
    pub(crate) fn add(&mut self, wrap: Wrap) {
        self.wraps.push(wrap);
        self.inside = Some((Table::into_service, enter));
    }

    pub(crate) fn around(self, table: &Arc<Table>) -> Option<Layered> {
        let (inside, enter) = self.inside?;
        let mut service = inside(table.clone());
        for wrap in self.wraps {
            service = wrap(service);
        }
        Some(Layered { service, enter })
    }
}

/// Puts a layer around one function, or says why it does not fit. With its type forgotten, and all that it needs behind it: an app
/// without such layers is without that.
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
