//! Layers around the whole app, and around one function.

use std::sync::Arc;

use crate::{EventService, HttpService, Spec, function::Kind, router::Table};

/// A layer whose type is forgotten.
pub(crate) type Wrap = Box<dyn FnOnce(HttpService) -> HttpService + Send>;

/// The layers around the whole app, the innermost first.
#[derive(Default)]
pub(crate) struct Layers {
    wraps: Vec<Wrap>,
    /// What makes a service of what is inside. By a pointer, which the first layer sets: an app without layers needs none.
    inside: Option<fn(Arc<Table>) -> HttpService>,
}

impl Layers {
    pub(crate) fn add(&mut self, wrap: Wrap) {
        self.wraps.push(wrap);
        self.inside = Some(Table::into_service);
    }

    pub(crate) fn around(self, table: &Arc<Table>) -> Option<HttpService> {
        let mut service = self.inside?(table.clone());
        for wrap in self.wraps {
            service = wrap(service);
        }
        Some(service)
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
