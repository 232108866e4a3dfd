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

    /// The largest memory that a function asks for.
    pub(crate) fn memory(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.deploy.memory).max()
    }

    /// The longest timeout that a function asks for. Where one asks for none, it is at least the platform's own (`usual`): the runtime enforces
    /// the timeout of each function, and the platform's cuts none short.
    pub(crate) fn timeout(&self, usual: u32) -> u32 {
        let of = |function: &&Function| function.deploy.timeout.unwrap_or(usual);
        self.functions.iter().map(of).max().unwrap_or(usual)
    }

    /// The largest number of instances that a function asks for.
    pub(crate) fn instances(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.deploy.instances).max()
    }

    /// The largest number of requests at once that a function asks for.
    pub(crate) fn concurrency(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.options.concurrency).max()
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
            "One service for all HTTP functions with the same grants, secrets and callers: memory, timeout, concurrency and \
             instances are the largest that one of them asks for. The runtime enforces the timeout of each function."
                .to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{model::FunctionNote, plan::google};

    fn app(deploys: &[Value]) -> App {
        let function = |(i, deploy): (usize, &Value)| {
            let concurrency = deploy.get("instances").cloned();
            let note = json!({"v": 1, "name": format!("f{i}"), "deploy": deploy, "options": {"concurrency": concurrency},
                "trigger": {"kind": "http", "routes": [{"methods": ["GET"], "path": format!("/{i}")}]},
                "module": "m", "file": "f", "line": 1});
            serde_json::from_value::<FunctionNote>(note).unwrap().into()
        };
        let functions = deploys.iter().enumerate().map(function).collect();
        App {
            name: "shop".to_owned(),
            package: "shop".to_owned(),
            stage: None,
            functions,
            aws: Default::default(),
            gcp: Default::default(),
            azure: Default::default(),
            resources: BTreeMap::new(),
            artifacts: String::new(),
        }
    }

    #[test]
    fn sizes_are_the_largest_and_a_timeout_that_is_not_said_is_the_platforms() {
        for (deploys, timeout, memory, instances) in [
            (
                &[json!({"timeout": 2, "memory": 256, "instances": 1}), json!({"timeout": 9, "instances": 5})][..],
                9,
                256,
                Some(5),
            ),
            (&[json!({"timeout": 2}), json!({})], 300, 512, None),
            (&[json!({"timeout": 600, "memory": 1024}), json!({})], 600, 1024, None),
            (&[json!({"timeout": 2, "memory": 64})], 2, 128, None),
        ] {
            let app = app(deploys);
            let units = units(&app);
            let [unit] = &units[..] else { panic!("{} units", units.len()) };
            let found = (google::timeout_of(unit), google::memory(unit.memory()), unit.instances(), unit.concurrency());
            assert_eq!(found, (timeout, memory, instances, instances), "{deploys:?}");
        }
    }
}
