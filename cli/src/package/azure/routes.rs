//! HTTP routes as the Functions host takes them: one for each folder, of which no two may take the same request.

use std::borrow::Cow;

use serde_json::Value;

use super::binding::Fields;
use crate::{
    error::{Error, Kind, Result},
    model::{App, Auth, Function, HttpRoute, HttpTrigger, Methods, Trigger, Visibility},
};

/// The routes of a function that answers requests: its own, or one of its name where it is invoked directly.
pub(super) fn of(function: &Function) -> Option<Cow<'_, [HttpRoute]>> {
    match &function.trigger {
        Trigger::Http(HttpTrigger { routes }) => Some(routes.into()),
        Trigger::Invoke => {
            let path = Some(format!("/{}", function.name));
            Some(vec![HttpRoute { methods: Methods::POST, path }].into())
        }
        _ => None,
    }
}

/// The bindings of each route of a function, for a folder each.
///
/// The host passes requests on as they came, and omnifn finds the function by its own table; the folders say which requests come
/// at all, and which keys they need.
///
/// # Errors
/// The host keeps a route for itself.
pub(super) fn bindings(app: &App, function: &Function, routes: &[HttpRoute]) -> Result<Vec<Vec<Fields>>> {
    let mut folders = Vec::with_capacity(routes.len());
    for route in routes {
        let place = place(route.path.as_deref());
        let reserved = place.to_ascii_lowercase();
        if reserved.starts_with("admin") || reserved.starts_with("runtime") {
            return Err(taken(function, route));
        }
        let trigger = Fields::new("httpTrigger", "in", "req")
            .with("authLevel", auth(function))
            .with("route", place.as_str())
            .with_some("methods", methods(app, function, route, &place));
        folders.push(vec![trigger, Fields::new("http", "out", "res")]);
    }
    Ok(folders)
}

/// What the host asks of callers: what the attribute says; else nothing of a public function, and its key of another.
pub(super) fn auth(function: &Function) -> &'static str {
    let unless_said = match function.deploy.visibility {
        Some(Visibility::Public) => Auth::Anonymous,
        Some(Visibility::Private) | None => Auth::Function,
    };
    function.deploy.auth.unwrap_or(unless_said).name()
}

/// A pattern as the host writes it. It takes an empty one for none, so the root is a part that may be left out and can hold nothing.
fn place(path: Option<&str>) -> String {
    match path.map(|path| path.trim_start_matches('/')) {
        None => "{*path}".to_owned(),
        Some("") => "{root:maxlength(0)?}".to_owned(),
        Some(path) => path.to_owned(),
    }
}

/// The methods of a route; none are all. The host does not start where two functions have a path and a method in common, while
/// here a named method goes before `any`, and `GET` answers `HEAD` where no function has it.
fn methods(app: &App, function: &Function, route: &HttpRoute, place: &str) -> Option<Vec<Value>> {
    let others: Vec<Methods> = app
        .functions
        .iter()
        .flat_map(|other| of(other).into_iter().flat_map(Cow::into_owned).map(move |route| (other, route)))
        .filter(|(other, other_route)| {
            let is_other = other.name != function.name || other_route != route;
            is_other && self::place(other_route.path.as_deref()).eq_ignore_ascii_case(place)
        })
        .map(|(_, route)| route.methods)
        .collect();
    let is_any = route.methods.is_any();
    if is_any && others.is_empty() {
        return None;
    }
    // Another `any` names nothing.
    let named = |method: Methods| others.iter().any(|other| !other.is_any() && other.overlap(method));
    let also_head =
        !route.methods.overlap(Methods::HEAD) && route.methods.overlap(Methods::GET) && !named(Methods::HEAD);
    let is_own = |method: Methods| match is_any {
        // `HEAD` goes with the `GET` of another function.
        true => !named(if method == Methods::HEAD { Methods::HEAD.and(Methods::GET) } else { method }),
        false => route.methods.overlap(method),
    };
    let own = Methods::ANY.names().filter(|name| Methods::named(name).is_some_and(is_own));
    let own = own.chain((!is_any && also_head).then_some("HEAD"));
    Some(own.map(|method| method.to_ascii_lowercase().into()).collect())
}

fn taken(function: &Function, route: &HttpRoute) -> Error {
    let path = route.path.as_deref().unwrap_or_default();
    let words = format!("`{}` ({}) has the path `{path}`", function.name, function.location);
    Error::new("omnifn::package::reserved_route", words)
        .kind(Kind::Impossible)
        .caused_by("Azure Functions keeps every path for itself that begins with `/admin` or `/runtime`, and its host does not start")
        .help("give it another path, or leave Azure out with `--target aws,gcp`")
}
