//! A model of the Azure host's routing, driven by the packaged `function.json` files.

use std::collections::BTreeMap;

use omnifn::http::Request;
use serde_json::Value;

pub(crate) const KEY: &str = "the key of a function";
pub(crate) const MASTER: &str = "the key of the app's administrator";

/// The HTTP triggers of an app: what the host knows.
#[derive(Debug, Default)]
pub(crate) struct Front {
    /// The prefix of all paths.
    prefix: &'static str,
    /// By the names of the functions, in the host's order.
    triggers: BTreeMap<String, Trigger>,
}

#[derive(Debug)]
struct Trigger {
    level: String,
    route: String,
    methods: Option<Vec<String>>,
    is_disabled: bool,
}

impl Front {
    pub(crate) fn below(prefix: &'static str) -> Self {
        Front { prefix, ..Front::default() }
    }

    pub(crate) fn add(&mut self, name: &str, json: &Value, is_disabled: bool) {
        let trigger = &json["bindings"][0];
        if trigger["type"] != "httpTrigger" {
            return;
        }
        let text = |key: &str| trigger[key].as_str().unwrap_or_default().to_owned();
        let methods = trigger["methods"].as_array();
        let methods = methods.map(|all| all.iter().map(|method| method.as_str().unwrap().to_owned()).collect());
        let trigger = Trigger { level: text("authLevel"), route: text("route"), methods, is_disabled };
        self.triggers.insert(name.to_ascii_lowercase(), trigger);
    }

    /// Returns the function that the host calls for a client with this key, or the status with which it refuses the request.
    pub(crate) fn admit<B>(&self, request: &Request<B>, key: Option<&[u8]>) -> Result<&str, u16> {
        let path = kestrel(request.uri().path());
        let mut segments: Vec<_> = path.split('/').skip(1).collect();
        // Its own endpoints, which ask for the key of an administrator.
        if segments.first().is_some_and(|first| ["admin", "runtime"].contains(&&*first.to_ascii_lowercase())) {
            return Err(401);
        }
        if !self.prefix.is_empty() {
            if !segments.first().is_some_and(|first| first.eq_ignore_ascii_case(self.prefix)) {
                return Err(404);
            }
            segments.remove(0);
        }
        let method = request.method().as_str();
        let is_taken = |trigger: &&Trigger| {
            let takes = |methods: &Vec<String>| methods.iter().any(|own| own.eq_ignore_ascii_case(method));
            takes_path(&trigger.route, &segments) && trigger.methods.as_ref().is_none_or(takes)
        };
        let (name, trigger) = self.triggers.iter().find(|(_, trigger)| is_taken(trigger)).ok_or(404_u16)?;
        let admitted: &[&str] = match trigger.level.as_str() {
            "anonymous" => return if trigger.is_disabled { Err(404) } else { Ok(name) },
            "function" => &[KEY, MASTER],
            _ => &[MASTER],
        };
        match key {
            Some(key) if admitted.iter().any(|own| own.as_bytes() == key) && !trigger.is_disabled => Ok(name),
            _ => Err(401),
        }
    }
}

/// The path as the host's server hands it to the routing: decoded, but for `%2F`, and without dot segments.
pub(crate) fn kestrel(path: &str) -> String {
    let kept = path.replace("%2F", "%252F").replace("%2f", "%252f");
    let query = format!("x={}", kept.replace('+', "%2B").replace(['&', ';'], "%26"));
    let decoded = url::form_urlencoded::parse(query.as_bytes()).next().unwrap().1.into_owned();
    let mut folded: Vec<&str> = Vec::new();
    for segment in decoded.split('/').skip(1) {
        match segment {
            "." => {}
            ".." => drop(folded.pop()),
            segment => folded.push(segment),
        }
    }
    format!("/{}", folded.join("/"))
}

/// Whether a route takes a path: letters of either case, a `{name}` for a part, `{*name}` for all of the rest.
pub(crate) fn takes_path(route: &str, segments: &[&str]) -> bool {
    let end = if segments.last() == Some(&"") { segments.len() - 1 } else { segments.len() };
    let mut segments = segments[..end].iter();
    for part in route.split('/').filter(|part| !part.is_empty()) {
        match segments.next() {
            _ if part.starts_with("{*") => return true,
            Some(segment) if part.starts_with('{') && !segment.is_empty() => {}
            Some(segment) if part.eq_ignore_ascii_case(segment) => {}
            _ => return false,
        }
    }
    segments.next().is_none()
}
