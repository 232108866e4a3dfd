//! Layers around one function.

use crate::{EventService, HttpService, Spec, event::Class, function::Kind};

/// A layer whose type is forgotten.
pub(crate) type Wrap = Box<dyn FnOnce(HttpService) -> HttpService + Send>;

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

    pub(crate) fn around(self, kind: Kind) -> Kind {
        match (self.wrap, kind) {
            (OwnWrap::Http(wrap), Kind::Http { service, takes_prefix }) => {
                Kind::Http { service: wrap(service), takes_prefix }
            }
            (OwnWrap::Events(wrap), Kind::Events(service)) => Kind::Events(wrap(service)),
            // It was asked before whether they fit.
            (_, kind) => kind,
        }
    }
}
