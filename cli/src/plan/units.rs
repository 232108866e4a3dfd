//! Which functions share a service, where a cloud gives the identity to the service and not to the function.
//!
//! HTTP functions that need the same (who may call them, grants, secrets, variables) are one service with one address. A function that is
//! invoked directly has a service and an address of its own, so that whoever may send HTTP requests cannot invoke it. Every function of
//! events has a service of its own: its identity then holds what it alone needs, what posts its events may call nothing else, and
//! nobody who may send HTTP requests can post events.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{App, Class, Function, Grant, Visibility};

use super::names::{base, fit, ident, slug, unique};

/// Functions that share a service.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    /// What it is called within a text.
    pub(crate) id: String,
    /// What it is called in the cloud.
    pub(crate) name: String,
    /// Its functions, in the program's order.
    pub(crate) functions: Vec<&'a Function>,
    /// The names of its functions, where the program has others.
    pub(crate) target: Option<String>,
}

/// The services of a program.
pub(crate) fn units(app: &App) -> Vec<Unit<'_>> {
    let mut shared: Vec<Vec<&Function>> = Vec::new();
    for function in &app.functions {
        let same = |unit: &&mut Vec<&Function>| unit.first().is_some_and(|first| are_alike(first, function));
        match shared.iter_mut().find(same) {
            Some(unit) => unit.push(function),
            None => shared.push(vec![function]),
        }
    }
    let mut units: Vec<Unit<'_>> = Vec::new();
    for functions in shared {
        let is_first = is_http(functions[0]) && !units.iter().any(|unit| is_http(unit.functions[0]));
        let id = if is_first { "http".to_owned() } else { ident(&functions[0].name) };
        let base = base(app);
        let name = if is_first { base } else { format!("{base}-{}", slug(&functions[0].name)) };
        let id = unique(id, &units.iter().map(|unit| &*unit.id).collect::<Vec<_>>());
        let name = unique(fit(&name, 49), &units.iter().map(|unit| &*unit.name).collect::<Vec<_>>());
        let names = functions.iter().map(|function| &*function.name).collect::<Vec<_>>().join(",");
        let target = (functions.len() < app.functions.len()).then_some(names);
        units.push(Unit { id: id.replace('-', "_"), name, functions, target });
    }
    units
}

/// Whether two functions can share a service: both of HTTP requests, with the same needs.
fn are_alike(a: &Function, b: &Function) -> bool {
    let needs = |function: &Function| {
        let grants: BTreeSet<Grant> = function.grants.iter().cloned().collect();
        let secrets: BTreeSet<String> = secrets(function).map(str::to_owned).collect();
        (is_public(function), grants, secrets, function.environment.clone())
    };
    is_http(a) && is_http(b) && needs(a) == needs(b)
}

pub(crate) fn is_http(function: &Function) -> bool {
    function.trigger.class() == Class::Http
}

/// Whether callers send requests to the function, by HTTP where the cloud has no other way.
fn is_called(function: &Function) -> bool {
    matches!(function.trigger.class(), Class::Http | Class::Invoke)
}

/// The secrets that a function reads: what is set for a stage goes before a secret of that name.
pub(crate) fn secrets(function: &Function) -> impl Iterator<Item = &str> {
    let own = function.secrets.iter().filter(|name| !function.environment.contains_key(*name));
    own.map(String::as_str)
}

/// Whether everyone may send requests.
pub(crate) fn is_public(function: &Function) -> bool {
    is_called(function) && function.deploy.visibility == Some(Visibility::Public)
}

impl Unit<'_> {
    /// Whether it answers requests by HTTP, and takes no events.
    pub(crate) fn is_http(&self) -> bool {
        self.functions.first().is_some_and(|function| is_called(function))
    }

    pub(crate) fn is_public(&self) -> bool {
        self.functions.iter().any(|function| is_public(function))
    }

    /// The largest that one of them asks for.
    pub(crate) fn memory(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.deploy.memory).max()
    }

    /// The longest that one of them asks for.
    pub(crate) fn timeout(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.deploy.timeout).max()
    }

    /// The least that one of them asks for: a limit protects what is behind it.
    pub(crate) fn instances(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.deploy.instances).min()
    }

    /// The least that one of them asks for.
    pub(crate) fn concurrency(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.options.concurrency).min()
    }

    pub(crate) fn secrets(&self) -> BTreeSet<&str> {
        self.functions.iter().flat_map(|function| secrets(function)).collect()
    }

    pub(crate) fn environment(&self) -> BTreeMap<&str, &str> {
        // What the program is told by the text goes before all.
        let told = ["FUNCTION_TARGET", "OMNIFN_TIMEOUT", "PORT"];
        let all = self.functions.iter().flat_map(|function| &function.environment);
        let own = all.filter(|(name, _)| !told.contains(&name.as_str()));
        own.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// How the sizes of several became one; nothing where there is one function.
    pub(crate) fn sizes(&self) -> Option<String> {
        (self.functions.len() > 1).then(|| {
            "One service for all HTTP functions with the same grants, secrets and callers: memory and timeout are the largest \
             that one of them asks for, concurrency and instances the smallest."
                .to_owned()
        })
    }
}
