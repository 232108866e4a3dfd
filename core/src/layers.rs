//! Layers around the whole app, and around one function.

use std::sync::Arc;

use crate::{EventService, HttpService, Spec, event::Class, function::Kind, router::Table};

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

/// A layer around the function of this name.
pub(crate) struct OwnLayer {
    pub(crate) function: String,
    pub(crate) wrap: OwnWrap,
}

pub(crate) enum OwnWrap {
    Http(Wrap),
    Events(Box<dyn FnOnce(EventService) -> EventService + Send>),
}

impl OwnLayer {
    /// Whether there is such a function, and it takes what the layer does.
    pub(crate) fn fits(&self, specs: &[&'static Spec]) -> Result<(), String> {
        let name = &self.function;
        let Some(spec) = specs.iter().find(|spec| spec.name == name) else {
            return Err(format!("a layer is for the function `{name}`, and there is none of that name"));
        };
        match (&self.wrap, spec.class()) {
            (OwnWrap::Http(_), Class::Http) => Ok(()),
            (OwnWrap::Http(_), class) => {
                Err(format!("`{name}` takes {}: its layers are given by `App::event_layer`", class.takes()))
            }
            (OwnWrap::Events(_), Class::Http) => {
                Err(format!("`{name}` takes HTTP requests: its layers are given by `App::function_layer`"))
            }
            (OwnWrap::Events(_), _) => Ok(()),
        }
    }

    pub(crate) fn around(self, kind: &mut Kind) {
        match (self.wrap, kind) {
            (OwnWrap::Http(wrap), Kind::Http { service, .. }) => *service = wrap(service.clone()),
            (OwnWrap::Events(wrap), Kind::Events(service)) => *service = wrap(service.clone()),
            // It was asked before whether they fit.
            _ => {}
        }
    }
}
