//! The HTTP triggers of an app: one that takes every request of a unit's HTTP functions, or one of a function that is invoked directly.
//!
//! The host picks the first function, in the order of names, whose route takes a request, checks the key of that one, and passes the request
//! on unchanged. With one trigger for the whole app there is nothing to pick: who may send a request is decided once, and the program, which
//! serves the functions of its unit alone, answers unknown paths and methods, `HEAD`, and `OPTIONS` as it does everywhere.

use serde_json::json;

use super::binding::Fields;
use crate::{
    error::{Error, Kind, Result},
    model::{Auth, Function, HttpTrigger, Trigger, Visibility},
    plan::units::Unit,
};

/// The bindings of the trigger that takes every path with every method. Without `methods`, the host takes them all.
/// ([The trigger's properties](https://learn.microsoft.com/azure/azure-functions/functions-bindings-http-webhook-trigger#configuration).)
///
/// # Errors
/// A function has a path that the host keeps for itself.
pub(super) fn catch_all(unit: &Unit<'_>) -> Result<Vec<Fields>> {
    let taken = unit
        .functions
        .iter()
        .flat_map(|function| paths(function).filter(is_reserved).map(|path| taken(function, path)));
    match Error::all(taken.collect()) {
        Some(error) => Err(error),
        // All functions of a unit ask the same of their callers.
        None => Ok(bindings(
            Fields::new("httpTrigger", "in", "req").with("authLevel", auth(unit.functions[0])).with("route", "{*path}"),
        )),
    }
}

/// The bindings of a function that is invoked directly: it has its own name for a path, and takes what is posted to it.
///
/// # Errors
/// The host keeps the path for itself.
pub(super) fn invoked(function: &Function) -> Result<Vec<Fields>> {
    let name = function.name.to_ascii_lowercase();
    if name.starts_with("admin") || name.starts_with("runtime") {
        return Err(taken(function, &format!("/{}", function.name)));
    }
    let trigger = Fields::new("httpTrigger", "in", "req").with("authLevel", auth(function));
    Ok(bindings(trigger.with("route", function.name.as_str()).with("methods", json!(["post"]))))
}

fn bindings(trigger: Fields) -> Vec<Fields> {
    vec![trigger, Fields::new("http", "out", "res")]
}

/// What the host asks of callers: what the attribute says; else nothing of a public function, and its key of another.
fn auth(function: &Function) -> &'static str {
    let unless_said = match function.deploy.visibility {
        Some(Visibility::Public) => Auth::Anonymous,
        Some(Visibility::Private) | None => Auth::Function,
    };
    function.deploy.auth.unwrap_or(unless_said).name()
}

fn paths(function: &Function) -> impl Iterator<Item = &str> {
    let routes = match &function.trigger {
        Trigger::Http(HttpTrigger { routes }) => &routes[..],
        _ => &[],
    };
    routes.iter().filter_map(|route| route.path.as_deref())
}

/// Whether the host answers the requests for a path itself.
fn is_reserved(path: &&str) -> bool {
    let first = path.split('/').find(|segment| !segment.is_empty()).unwrap_or_default();
    first.eq_ignore_ascii_case("admin") || first.eq_ignore_ascii_case("runtime")
}

fn taken(function: &Function, path: &str) -> Error {
    let words = format!("`{}` ({}) has the path `{path}`", function.name, function.location);
    Error::new("omnifn::package::reserved_route", words)
        .kind(Kind::Impossible)
        .caused_by("the Functions host keeps the paths below `/admin` and `/runtime` for itself, so no request for it reaches the program")
        .help("give it another path, or leave Azure out with `--target aws,gcp`")
}
