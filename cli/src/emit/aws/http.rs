//! The routes of an HTTP API.
//!
//! With one unit there is one route, `$default`: every request that reaches the gateway reaches the program, so that a preflight request, a
//! `HEAD`, an unknown path, and an unknown method get the same answer as locally. With several units, which differ in who may call them, one of
//! them has `$default`, and each unit has the paths of its own functions with every method. The gateway prefers the most specific route
//! ([the rules](https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html)), as omnifn's router does.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    model::{HttpRoute, HttpTrigger, Trigger},
    plan::units::Unit,
};

/// A route, as an HTTP API has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emit) struct Route {
    /// `GET`, or `ANY`.
    pub(in crate::emit) method: String,
    /// The path; none is all that no other route takes.
    pub(in crate::emit) path: Option<String>,
    /// The name of the unit within the text.
    pub(in crate::emit) unit: String,
}

impl Route {
    /// As API Gateway writes it.
    pub(in crate::emit) fn key(&self) -> String {
        self.path.as_ref().map_or_else(|| "$default".to_owned(), |path| format!("{} {path}", self.method))
    }
}

/// Returns the routes of all units that serve HTTP.
pub(in crate::emit) fn routes<'a>(units: impl Iterator<Item = &'a Unit<'a>>) -> Vec<Route> {
    let units: Vec<&Unit<'_>> = units.filter(|unit| unit.serves_http()).collect();
    let Some(main) = main(&units) else { return Vec::new() };
    let mut all = Vec::new();
    if units.len() > 1 {
        let declared = declared(&units);
        for (path, methods) in &declared {
            let mut of_units: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
            for (method, unit) in methods {
                of_units.entry(unit).or_default().push(method);
            }
            // The unit that answers a method which no function of the path has: that of `$default` if it has the path, or one that everyone
            // may call.
            let any = of_units.iter().find(|(_, methods)| methods.contains(&"ANY")).map(|(unit, _)| *unit);
            let has_path = |unit: &&&Unit<'_>| of_units.contains_key(&*unit.id);
            let preferred = std::iter::once(&main).chain(units.iter().filter(|unit| unit.is_public())).chain(&units);
            let rest = any.or_else(|| preferred.into_iter().find(has_path).map(|unit| &*unit.id));
            for (unit, methods) in &of_units {
                let mut methods: BTreeSet<&str> = methods.iter().copied().collect();
                if rest == Some(*unit) {
                    methods = BTreeSet::from(["ANY"]);
                } else if methods.contains("GET") && !of_units.values().flatten().any(|taken| *taken == "HEAD") {
                    // A function of `GET` answers `HEAD`, too.
                    methods.insert("HEAD");
                }
                let route = |method: &str| Route {
                    method: method.to_owned(),
                    path: Some(path.clone()),
                    unit: (*unit).to_owned(),
                };
                all.extend(methods.into_iter().map(route));
            }
        }
    }
    all.push(Route { method: "ANY".to_owned(), path: None, unit: main.id.clone() });
    all
}

/// Returns the unit of the requests that no other route takes: the one that has a function without a path, or else the first that everyone may
/// call, or else the first.
fn main<'a>(units: &[&'a Unit<'a>]) -> Option<&'a Unit<'a>> {
    let takes_all = |unit: &&&Unit<'_>| {
        let mut routes = unit.functions.iter().flat_map(|function| match &function.trigger {
            Trigger::Http(HttpTrigger { routes }) => routes.as_slice(),
            _ => &[],
        });
        routes.any(|route| route.path.is_none())
    };
    let found = units.iter().find(takes_all).or_else(|| units.iter().find(|unit| unit.is_public()));
    found.or(units.first()).copied()
}

/// Returns each path with the methods that it is declared with, and their units. As everywhere, what is mounted below a path also takes the path
/// itself.
fn declared(units: &[&Unit<'_>]) -> BTreeMap<String, Vec<(String, String)>> {
    let (mut names, mut all) = (BTreeMap::new(), BTreeMap::<String, Vec<(String, String)>>::new());
    for unit in units {
        for function in &unit.functions {
            let Trigger::Http(HttpTrigger { routes }) = &function.trigger else { continue };
            for HttpRoute { methods, path } in routes {
                // A function without a path is in the unit of `$default`; or it shares that, and takes one method of all paths.
                let patterns = match path {
                    Some(path) => vec![pattern(path, &mut names)],
                    None if methods.is_any() => Vec::new(),
                    None => vec!["/".to_owned(), "/{proxy+}".to_owned()],
                };
                for pattern in patterns {
                    let of_path = all.entry(pattern).or_default();
                    let any = methods.is_any().then_some("ANY");
                    let names = any.into_iter().chain(methods.names().filter(|_| any.is_none()));
                    of_path.extend(names.map(|method| (method.to_owned(), unit.id.clone())));
                }
            }
        }
    }
    let bare: Vec<_> = all
        .iter()
        .filter_map(|(path, methods)| {
            let (bare, rest) = path.rsplit_once('/')?;
            rest.ends_with("+}").then(|| (if bare.is_empty() { "/" } else { bare }.to_owned(), methods.clone()))
        })
        .collect();
    for (path, methods) in bare {
        let of_path = all.entry(path).or_default();
        let new: Vec<_> =
            methods.into_iter().filter(|(method, _)| !of_path.iter().any(|(taken, _)| taken == method)).collect();
        of_path.extend(new);
    }
    all
}

/// `/files/{*rest}` is `/files/{rest+}`. A segment that is a parameter in part is one as a whole: omnifn looks at it once more. Two
/// functions' names for the same place become one, for API Gateway takes no two.
fn pattern(path: &str, names: &mut BTreeMap<String, String>) -> String {
    let mut pattern = String::new();
    for segment in path.split('/').skip(1) {
        let inner = segment.find('{').map(|at| segment[at..].trim_start_matches('{'));
        let Some(inner) = inner else {
            pattern = format!("{pattern}/{segment}");
            continue;
        };
        let rest = if inner.starts_with('*') { "+" } else { "" };
        let name: String =
            inner.chars().skip_while(|c| *c == '*').take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        let name = if name.is_empty() { "part".to_owned() } else { name };
        let name = names.entry(format!("{pattern}/{rest}")).or_insert(name);
        pattern = format!("{pattern}/{{{name}{rest}}}");
    }
    pattern
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{model::FunctionNote, overlay::Overlay, plan::units::units};

    fn keys(functions: &[(&str, &str, Value)]) -> Vec<String> {
        let note = |(name, visibility, routes): &(&str, &str, Value)| {
            let note = json!({"v": 1, "name": name, "trigger": {"kind": "http", "routes": routes}, "module": "m", "file": "f", "line": 1,
                "deploy": {"visibility": visibility}});
            serde_json::from_value::<FunctionNote>(note).unwrap().into()
        };
        let app = Overlay::default().app("shop", functions.iter().map(note).collect(), None).unwrap();
        routes(units(&app).iter()).iter().map(|route| format!("{} → {}", route.key(), route.unit)).collect()
    }

    fn get(path: &str) -> Value {
        json!([{"methods": ["GET"], "path": path}])
    }

    #[test]
    fn one_unit_receives_every_request() {
        let put = json!([{"methods": ["HEAD", "PUT"], "path": "/n/{other}"}]);
        for functions in [
            &[("a", "public", get("/n/{id}"))][..],
            &[("a", "public", get("/n/{id}")), ("b", "public", put)],
            &[("all", "private", json!([{"methods": ["ANY"]}]))],
        ] {
            assert_eq!(keys(functions), ["$default → http"]);
        }
        assert_eq!(routes([].iter()), []);
    }

    #[test]
    fn units_share_an_api() {
        assert_eq!(
            keys(&[
                ("page", "public", get("/{page}")),
                ("payroll", "private", get("/payroll")),
                ("files", "private", json!([{"methods": ["ANY"], "path": "/files/{*rest}"}])),
            ]),
            [
                "ANY /files → payroll",
                "ANY /files/{rest+} → payroll",
                "ANY /payroll → payroll",
                "ANY /{page} → http",
                "$default → http"
            ]
        );
        // A path that both have: what no function has is answered by the unit of `$default`, where it has the path.
        assert_eq!(
            keys(&[
                ("pay", "private", json!([{"methods": ["POST"], "path": "/pay/{id}"}])),
                ("look", "public", get("/pay/{number}")),
            ]),
            ["POST /pay/{id} → http", "ANY /pay/{id} → look", "$default → look"]
        );
        // A function of every method takes those that no other has.
        assert_eq!(
            keys(&[("look", "public", get("/pay")), ("pay", "private", json!([{"methods": ["ANY"], "path": "/pay"}]))]),
            ["GET /pay → http", "HEAD /pay → http", "ANY /pay → pay", "$default → http"]
        );
        // The unit with a function for every path has `$default`, even if it is private and another unit is public.
        assert_eq!(
            keys(&[("hello", "public", get("/hello")), ("all", "private", json!([{"methods": ["ANY"]}]))]),
            ["ANY /hello → http", "$default → all"]
        );
        assert_eq!(
            keys(&[
                ("part", "private", json!([{"methods": ["PUT"], "path": "/img-{id}.png/x"}])),
                ("open", "public", get("/"))
            ]),
            ["ANY / → open", "ANY /{id}/x → http", "$default → open"]
        );
    }
}
