//! How a program is deployed: which functions share a unit, the same on every cloud.
//!
//! All HTTP functions with the same visibility and the same kind of authentication are one unit with one address, unless the settings
//! (`[package.metadata.omnifn.units]`) group them in another way. Every function of events, and every one that is invoked directly, is a unit
//! of its own: its role then holds what it alone needs, what sends its events may call nothing else, and nobody who may send HTTP
//! requests can send events or invoke a function.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    error::{Error, Kind},
    model::{App, Auth, Class, Cors, Function, Visibility},
};

use super::names::{base, fit, ident, slug, unique};

/// Functions that are deployed together.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    /// Its name within a text.
    pub(crate) id: String,
    /// Its name in the cloud.
    pub(crate) name: String,
    /// Its functions, in the program's order.
    pub(crate) functions: Vec<&'a Function>,
    /// The names of its functions, if the program has others.
    pub(crate) target: Option<String>,
}

/// Returns the units of a program.
pub(crate) fn units(app: &App) -> Vec<Unit<'_>> {
    let mut groups: Vec<(Option<&str>, Vec<&Function>)> = Vec::new();
    for function in &app.functions {
        let named = app.units.unit_of(&function.name).filter(|_| is_http(function));
        let is_same = |(name, others): &&mut (Option<&str>, Vec<&Function>)| {
            is_http(function)
                && is_http(others[0])
                && !app.units.is_per_function()
                && *name == named
                && (named.is_some() || access(others[0]) == access(function))
        };
        match groups.iter_mut().find(is_same) {
            Some((_, others)) => others.push(function),
            None => groups.push((named, vec![function])),
        }
    }
    let mut units: Vec<Unit<'_>> = Vec::new();
    for (named, functions) in groups {
        let first = &functions[0];
        let is_main = is_http(first) && !units.iter().any(|unit| is_http(unit.functions[0]));
        let id = match named {
            Some(name) => ident(name),
            None if is_main && !app.units.is_per_function() => "http".to_owned(),
            None => ident(&first.name),
        };
        let base = base(app);
        let name = if is_main { base } else { format!("{base}-{}", slug(named.unwrap_or(&first.name))) };
        let id = unique(id, &units.iter().map(|unit| &*unit.id).collect::<Vec<_>>());
        let name = unique(fit(&name, 49), &units.iter().map(|unit| &*unit.name).collect::<Vec<_>>());
        let is_whole = functions.len() == app.functions.len();
        let mut unit = Unit { id: id.replace('-', "_"), name, functions, target: None };
        unit.target = (!is_whole).then(|| unit.names());
        units.push(unit);
    }
    units
}

/// Returns what is wrong with the units that the settings describe, or that a variable has two values in one of them.
pub(crate) fn errors(app: &App) -> Vec<Error> {
    let mut errors = Vec::new();
    let mut wrong = |words: String, help: String| {
        errors.push(Error::new("omnifn::settings", words).kind(Kind::Usage).help(help));
    };
    let table = "[package.metadata.omnifn.units]";
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (unit, names) in app.units.named() {
        for name in names {
            let Some(function) = app.functions.iter().find(|function| function.name == *name) else {
                let known = app.functions.iter().filter(|function| is_http(function)).map(|function| &*function.name);
                let known = known.collect::<Vec<_>>().join("`, `");
                wrong(
                    format!("{table} names a function `{name}` in the unit `{unit}`, which the program does not have"),
                    format!("the program's HTTP functions are `{known}`"),
                );
                continue;
            };
            if !is_http(function) {
                wrong(
                    format!(
                        "{table} has `{name}` in the unit `{unit}`, and `{name}` ({}) serves no HTTP requests",
                        function.location
                    ),
                    "remove it: a function of events, or one that is invoked directly, is always a unit of its own"
                        .to_owned(),
                );
            }
            if let Some(other) = seen.insert(name, unit) {
                wrong(
                    format!("{table} has `{name}` in the unit `{other}` and in the unit `{unit}`"),
                    "remove one of them: a function is in one unit".to_owned(),
                );
            }
        }
    }
    for unit in units(app) {
        let first = unit.functions[0];
        for other in &unit.functions[1..] {
            if access(first) != access(other) {
                wrong(
                    format!(
                        "the unit `{}` has functions that differ in who may call them: `{}` ({}) is {}, and `{}` ({}) is {}",
                        unit.id,
                        first.name,
                        first.location,
                        words_of(access(first)),
                        other.name,
                        other.location,
                        words_of(access(other))
                    ),
                    format!("put them in different units in {table}, or give them the same `visibility` and `auth`"),
                );
            }
            for (name, value) in &other.environment {
                let own = unit.functions.iter().find(|function| function.environment.contains_key(name));
                if let Some(own) = own.filter(|own| own.environment[name] != *value) {
                    wrong(
                        format!(
                            "the variable `{name}` has one value for `{}` and another for `{}`, and both are in the unit `{}`",
                            own.name, other.name, unit.id
                        ),
                        format!("give it one value, or put the functions in different units in {table}"),
                    );
                }
            }
        }
    }
    errors
}

/// Who may call a function, and with which key on Azure.
fn access(function: &Function) -> (bool, Option<Auth>) {
    (is_public(function), function.deploy.auth)
}

fn words_of((is_public, auth): (bool, Option<Auth>)) -> String {
    let visibility = if is_public { "public" } else { "private" };
    auth.map_or_else(|| visibility.to_owned(), |auth| format!("{visibility} with `auth = \"{}\"`", auth.name()))
}

pub(crate) fn is_http(function: &Function) -> bool {
    function.trigger.class() == Class::Http
}

/// Whether callers send requests to the function, by HTTP where the cloud has no other way.
fn is_called(function: &Function) -> bool {
    matches!(function.trigger.class(), Class::Http | Class::Invoke)
}

/// The secrets that a function reads: a stage's setting takes precedence over a secret of that name.
pub(crate) fn secrets(function: &Function) -> impl Iterator<Item = &str> {
    let own = function.secrets.iter().filter(|name| !function.environment.contains_key(*name));
    own.map(String::as_str)
}

/// Whether everyone may send requests.
pub(crate) fn is_public(function: &Function) -> bool {
    is_called(function) && function.deploy.visibility == Some(Visibility::Public)
}

impl Unit<'_> {
    /// Returns its name beside that of the program: the function's own where there is one of events.
    pub(crate) fn label(&self) -> &str {
        if is_http(self.functions[0]) { &self.id } else { &self.functions[0].name }
    }

    /// Returns the names of its functions, separated by commas.
    pub(crate) fn names(&self) -> String {
        self.functions.iter().map(|function| &*function.name).collect::<Vec<_>>().join(",")
    }

    /// Returns the functions that the program is told to serve: these, unless it has no others, which may be many.
    pub(crate) fn selected(&self) -> Option<String> {
        (self.functions.len() == 1 || self.target.is_some()).then(|| self.names())
    }

    /// Whether its functions are HTTP functions.
    pub(crate) fn serves_http(&self) -> bool {
        is_http(self.functions[0])
    }

    /// Returns the origins whose pages may call it, if the program declares any.
    pub(crate) fn cors<'c>(&self, app: &'c App) -> Option<&'c Cors> {
        app.cors.as_ref().filter(|_| self.serves_http())
    }

    /// Whether it answers requests, by HTTP where the cloud has no other way, and receives no events: HTTP functions, or one with `invoke`.
    pub(crate) fn answers_requests(&self) -> bool {
        is_called(self.functions[0])
    }

    pub(crate) fn is_public(&self) -> bool {
        self.functions.iter().any(|function| is_public(function))
    }

    /// Returns the most memory that one of its functions asks for, in MiB.
    pub(crate) fn memory(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.deploy.memory).max()
    }

    /// Returns the longest timeout of its functions, in seconds, where one that asks for none has the platform's own.
    pub(crate) fn timeout(&self, platform: u32) -> u32 {
        self.functions.iter().map(|function| function.deploy.timeout.unwrap_or(platform)).max().unwrap_or(platform)
    }

    /// Returns the most instances that one of its functions asks for.
    pub(crate) fn instances(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.deploy.instances).max()
    }

    /// Returns the most requests at once in an instance that one of its functions asks for.
    pub(crate) fn concurrency(&self) -> Option<u32> {
        self.functions.iter().filter_map(|function| function.options.concurrency).max()
    }

    pub(crate) fn secrets(&self) -> BTreeSet<&str> {
        self.functions.iter().flat_map(|function| secrets(function)).collect()
    }

    pub(crate) fn environment(&self) -> BTreeMap<&str, &str> {
        // What the text itself sets takes precedence over everything else.
        let told = ["FUNCTION_TARGET", "OMNIFN_TIMEOUT", "PORT"];
        let all = self.functions.iter().flat_map(|function| &function.environment);
        let own = all.filter(|(name, _)| !told.contains(&name.as_str()));
        own.map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    /// Explains how the sizes of several functions became one; nothing where there is one function.
    pub(crate) fn sizes(&self) -> Option<String> {
        (self.functions.len() > 1).then(|| {
            let names = self.functions.iter().map(|function| format!("`{}`", function.name)).collect::<Vec<_>>().join(", ");
            format!(
                "One unit for {names}: memory, timeout, concurrency, and instances are the largest that one of them asks for. The \
                 program itself ends a function at its own `timeout`."
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{error::Result, model::FunctionNote, overlay::Overlay};

    fn app(functions: &[(&str, &str, Value)], settings: Value) -> Result<App> {
        let note = |(name, class, more): &(&str, &str, Value)| {
            let trigger = match *class {
                "http" => json!({"kind": "http", "routes": [{"methods": ["GET"], "path": format!("/{name}")}]}),
                "invoke" => json!({"kind": "invoke"}),
                class => json!({"kind": class, "source": "orders"}),
            };
            let mut note = json!({"v": 1, "name": name, "trigger": trigger, "module": "m", "file": "f.rs", "line": 1});
            note.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            serde_json::from_value::<FunctionNote>(note).unwrap().into()
        };
        Overlay::read(&json!({ "omnifn": settings })).unwrap().app("shop", functions.iter().map(note).collect(), None)
    }

    fn shown(functions: &[(&str, &str, Value)], settings: Value) -> Vec<String> {
        let app = app(functions, settings).unwrap();
        let shown = |unit: &Unit<'_>| format!("{} {} {}", unit.id, unit.name, unit.names());
        units(&app).iter().map(shown).collect()
    }

    #[test]
    fn functions_share_a_unit_that_differ_in_nothing_which_a_caller_sees() {
        let public = json!({"deploy": {"visibility": "public"}});
        let publishes = json!({"deploy": {"visibility": "public", "timeout": 2, "memory": 512},
            "grants": [{"verb": "publishes", "kind": "queue", "name": "orders"}], "secrets": ["KEY"]});
        let with_key = json!({"deploy": {"visibility": "public", "auth": "function"}});
        let functions = [
            ("read", "http", public.clone()),
            ("settle", "queue", json!({})),
            ("place", "http", publishes),
            ("payroll", "http", json!({})),
            ("price", "invoke", json!({})),
            ("report", "http", with_key),
            ("count", "queue", json!({})),
        ];
        assert_eq!(
            shown(&functions, json!({})),
            [
                "http shop read,place",
                "settle shop-settle settle",
                "payroll shop-payroll payroll",
                "price shop-price price",
                "report shop-report report",
                "count shop-count count",
            ]
        );
        assert_eq!(
            shown(&functions, json!({"units": {"Shop_api": ["place"]}})),
            [
                "http shop read",
                "settle shop-settle settle",
                "shop_api shop-shop-api place",
                "payroll shop-payroll payroll",
                "price shop-price price",
                "report shop-report report",
                "count shop-count count",
            ]
        );
        assert_eq!(
            shown(&functions[..3], json!({"units": {"http": "per-function"}})),
            ["read shop read", "settle shop-settle settle", "place shop-place place"]
        );
        let whole = app(&[("read", "http", public.clone()), ("list", "http", public)], json!({})).unwrap();
        assert_eq!(units(&whole)[0].target, None, "the program has no other functions");
    }

    #[test]
    fn sizes_are_the_largest_and_a_timeout_is_never_shorter_than_the_platforms() {
        let deploy = |deploy: Value| json!({ "deploy": deploy });
        let functions = [
            ("a", "http", deploy(json!({"timeout": 2, "memory": 256, "instances": 3}))),
            ("b", "http", deploy(json!({"memory": 512}))),
        ];
        let app = app(&functions, json!({})).unwrap();
        let units = units(&app);
        assert_eq!((units[0].memory(), units[0].timeout(29), units[0].instances()), (Some(512), 29, Some(3)));
    }

    #[test]
    fn units_that_cannot_be() {
        let public = || json!({"deploy": {"visibility": "public"}});
        let functions = [("read", "http", public()), ("pay", "http", json!({})), ("settle", "queue", json!({}))];
        for (settings, words) in [
            (
                json!({"units": {"api": ["raed"]}}),
                "names a function `raed` in the unit `api`, which the program does not have",
            ),
            (json!({"units": {"api": ["settle"]}}), "`settle` (f.rs:1) serves no HTTP requests"),
            (json!({"units": {"api": ["read"], "b": ["read"]}}), "has `read` in the unit `api` and in the unit `b`"),
            (json!({"units": {"api": ["read", "pay"]}}), "`read` (f.rs:1) is public, and `pay` (f.rs:1) is private"),
            (json!({"units": {"a b": ["read"]}}), "the name of a unit cannot be \"a b\""),
        ] {
            let error = app(&functions, settings).unwrap_err();
            assert!(error.to_string().contains(words), "{words}: {error}");
        }
        let functions = [("read", "http", public()), ("list", "http", public())];
        let differ = json!({"functions": {"read": {"environment": {"A": "1"}}, "list": {"environment": {"A": "2"}}}});
        let error = app(&functions, differ).unwrap_err();
        assert!(error.message.contains("the variable `A` has one value for `read` and another for `list`"), "{error}");
        for (units, words) in [
            (json!({"http": "alone"}), "`http = \"alone\"` is unknown"),
            (json!({"api": []}), "the unit `api` has no functions"),
            (json!({"http": "per-function", "api": ["read"]}), "no other unit can be named beside it"),
        ] {
            let error = Overlay::read(&json!({"omnifn": {"units": units}})).unwrap_err();
            assert!(error.causes.iter().any(|cause| cause.contains(words)), "{words}: {error:?}");
        }
    }
}
