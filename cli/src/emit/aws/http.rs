//! The routes of an HTTP API.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{App, Function, HttpRoute, HttpTrigger, Trigger};

/// A route, as an HTTP API has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::emit) struct Route<'a> {
    /// `GET`, or `ANY`.
    pub(in crate::emit) method: String,
    /// The path; none is all that no other route takes.
    pub(in crate::emit) path: Option<String>,
    pub(in crate::emit) function: &'a Function,
}

impl Route<'_> {
    /// As API Gateway writes it.
    pub(in crate::emit) fn key(&self) -> String {
        self.path.as_ref().map_or_else(|| "$default".to_owned(), |path| format!("{} {path}", self.method))
    }
}

/// The routes of all HTTP functions. As everywhere, what is mounted below a path also takes the path itself, and `HEAD` is answered by
/// the function of `GET`, where nothing else takes it.
pub(in crate::emit) fn routes(app: &App) -> Vec<Route<'_>> {
    let (mut names, mut all) = (BTreeMap::new(), Vec::new());
    for function in &app.functions {
        let Trigger::Http(HttpTrigger { routes }) = &function.trigger else { continue };
        for HttpRoute { methods, path } in routes {
            let any = methods.is_any().then_some("ANY");
            for method in any.into_iter().chain(methods.names().filter(|_| any.is_none())) {
                let paths = paths(path.as_deref(), method, &mut names);
                all.extend(paths.into_iter().map(|path| Route { method: method.to_owned(), path, function }));
            }
        }
    }
    let mut taken: BTreeSet<_> = all.iter().map(Route::key).collect();
    let bare: Vec<_> = all.iter().filter_map(without_rest).filter(|route| taken.insert(route.key())).collect();
    all.extend(bare);
    let is_free = |path: &str| !taken.contains(&format!("HEAD {path}")) && !taken.contains(&format!("ANY {path}"));
    let gets = all.iter().filter(|route| route.method == "GET" && route.path.as_deref().is_some_and(is_free));
    let heads: Vec<_> = gets.map(|get| Route { method: "HEAD".to_owned(), ..get.clone() }).collect();
    all.extend(heads);
    all
}

/// The paths that stand for one of omnifn's.
fn paths(path: Option<&str>, method: &str, names: &mut BTreeMap<String, String>) -> Vec<Option<String>> {
    match path {
        None if method == "ANY" => vec![None],
        None => vec![Some("/".to_owned()), Some("/{proxy+}".to_owned())],
        Some(path) => vec![Some(pattern(path, names))],
    }
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

/// The route of the path that a rest follows.
fn without_rest<'a>(route: &Route<'a>) -> Option<Route<'a>> {
    let path = route.path.as_deref()?;
    let (bare, rest) = path.rsplit_once('/')?;
    let bare = if bare.is_empty() { "/" } else { bare };
    rest.ends_with("+}").then(|| Route { path: Some(bare.to_owned()), ..route.clone() })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{model::FunctionNote, overlay::Overlay};

    fn keys(functions: &[(&str, Value)]) -> Vec<String> {
        let note = |(name, routes): &(&str, Value)| {
            let note = json!({"v": 1, "name": name, "trigger": {"kind": "http", "routes": routes}, "module": "m", "file": "f", "line": 1});
            serde_json::from_value::<FunctionNote>(note).unwrap().into()
        };
        let app = Overlay::default().app("shop", functions.iter().map(note).collect(), None).unwrap();
        routes(&app).iter().map(|route| format!("{} → {}", route.key(), route.function.name)).collect()
    }

    #[test]
    fn routes_of_an_api() {
        let get = |path: &str| json!([{"methods": ["GET"], "path": path}]);
        assert_eq!(keys(&[("a", get("/n/{id}"))]), ["GET /n/{id} → a", "HEAD /n/{id} → a"]);
        assert_eq!(
            keys(&[("a", get("/n/{id}")), ("b", json!([{"methods": ["HEAD", "PUT"], "path": "/n/{other}"}]))]),
            ["GET /n/{id} → a", "HEAD /n/{id} → b", "PUT /n/{id} → b"]
        );
        assert_eq!(
            keys(&[("shop", json!([{"methods": ["ANY"], "path": "/shop/{*rest}"}])), ("root", get("/shop"))]),
            ["ANY /shop/{rest+} → shop", "GET /shop → root", "ANY /shop → shop"]
        );
        assert_eq!(keys(&[("all", json!([{"methods": ["ANY"]}]))]), ["$default → all"]);
        assert_eq!(keys(&[("gets", json!([{"methods": ["POST"]}]))]), ["POST / → gets", "POST /{proxy+} → gets"]);
        assert_eq!(keys(&[("p", json!([{"methods": ["PUT"], "path": "/img-{id}.png/x"}]))]), ["PUT /{id}/x → p"]);
    }
}
