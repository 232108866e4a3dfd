use std::fmt;

use super::Registered;
use crate::functions::{listed, names};

/// An app that cannot run, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidApp(pub(super) String);

impl fmt::Display for InvalidApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for InvalidApp {}

/// Whether these functions can be one app, of which `only` some are served.
pub(super) fn check(functions: &[Registered], only: Option<&str>) -> Result<(), String> {
    if let Some(only) = only {
        let wanted = names(only);
        let unknown = wanted.iter().find(|name| !functions.iter().any(|function| function.spec.name == **name));
        let wrong = match unknown {
            Some(name) => Some(format!("there is no function `{name}` here")),
            None if wanted.is_empty() => Some(format!("one function alone is to be served, and {only:?} names none")),
            None => None,
        };
        if let Some(wrong) = wrong {
            return Err(format!("{wrong}; there are: {}", listed(&mut functions.iter().map(|function| function.spec))));
        }
    }
    for (i, Registered { spec, .. }) in functions.iter().enumerate() {
        if let Some(other) = functions[..i].iter().find(|other| other.spec.name == spec.name) {
            let (name, there, here) = (spec.name, other.spec.location, spec.location);
            return Err(format!("two functions have the name `{name}`: at {there} and {here}"));
        }
    }
    Ok(())
}
