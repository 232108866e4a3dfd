mod params;
mod pattern;
mod tree;

use std::fmt;

use http::{Method, uri::PathAndQuery};

pub use params::PathParams;

use self::params::{Span, Text};
use crate::{Methods, Route, functions::is_of_events};

/// The routes of an app: which function takes a method and a path.
///
/// Paths are matched as they came, percent-encoded, in axum's syntax: `{name}` is one segment, `{*rest}` all that follows.
///
/// ```
/// use omnifn_core::{Methods, Route, Routes};
///
/// let mut routes = Routes::default();
/// routes.add(0, &Route { methods: Methods::GET, path: Some("/notes/{id}") }, false).unwrap();
/// let found = routes.find(&http::Method::GET, "/notes/7").unwrap();
/// assert_eq!(found.function, 0);
/// assert_eq!(found.params.iter().collect::<Vec<_>>(), [("id", "7")]);
/// ```
#[derive(Default)]
pub struct Routes {
    paths: tree::Node,
    /// What stands at each path, by its shape, so that `/a/{x}` and `/a/{y}` are one.
    places: Vec<Vec<Entry>>,
    /// What takes any path.
    anywhere: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    methods: Methods,
    function: usize,
    names: Vec<&'static str>,
    pattern: Option<&'static str>,
}

/// The function that a request is for.
#[derive(Debug)]
pub struct Found {
    /// Its index, as it was added.
    pub function: usize,
    /// The values of the path's parameters.
    pub params: PathParams,
    /// The pattern of the route, where it has one.
    pub pattern: Option<&'static str>,
}

/// Why no function was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotFound {
    /// No function has this path.
    Path,
    /// Functions have this path, with these methods.
    Method(Methods),
}

impl Routes {
    /// Adds a function's route. With `prefix`, a trailing `/{*rest}` takes the bare prefix too.
    ///
    /// # Errors
    /// Says which pattern cannot be used: it is malformed, or an earlier one takes the same requests.
    pub fn add(&mut self, function: usize, route: &Route, prefix: bool) -> Result<(), String> {
        let entry = || Entry { methods: route.methods, function, names: Vec::new(), pattern: route.path };
        let Some(path) = route.path else {
            return place(&mut self.anywhere, entry(), "any path");
        };
        self.insert(path, entry())?;
        // The bare prefix, too, with its slash and without. A function of its own there goes before the mounted service.
        if prefix && let Some(at) = path.as_bytes().windows(3).position(|three| three == b"/{*") {
            let _ = self.insert(&path[..=at], entry());
            if at > 0 {
                let _ = self.insert(&path[..at], entry());
            }
        }
        Ok(())
    }

    fn insert(&mut self, path: &'static str, entry: Entry) -> Result<(), String> {
        let (parts, names) = pattern::read(path).map_err(|why| format!("`{path}` is no route: {why}"))?;
        let at = self.paths.add(&parts, self.places.len()).map_err(|other| {
            let other = self.places.get(other).and_then(|entries| entries.first()?.pattern).unwrap_or_default();
            format!("`{path}` is no route beside `{other}`: one takes a segment where the other takes all that follows")
        })?;
        let entry = Entry { names, ..entry };
        match self.places.get_mut(at) {
            Some(entries) => place(entries, entry, path),
            None => {
                self.places.push(vec![entry]);
                Ok(())
            }
        }
    }

    /// The function for a request. `HEAD` goes to a `GET` where nothing else takes it. A path of events (`/_omnifn/…`) is for a
    /// pattern that names it alone: whoever posts events there takes the answer of a function of any path for their receipt.
    ///
    /// # Errors
    /// `NotFound` says whether the path or only the method has no function.
    pub fn find(&self, method: &Method, path: &str) -> Result<Found, NotFound> {
        self.find_in(method, path, None)
    }

    /// The same, where the path is that of a request, which need not be copied.
    pub(crate) fn find_in(
        &self,
        method: &Method,
        path: &str,
        shared: Option<&PathAndQuery>,
    ) -> Result<Found, NotFound> {
        let mut allowed = Methods::NONE;
        let of_events = is_of_events(path);
        let anywhere = if of_events { &[][..] } else { &self.anywhere };
        let may_take = |entry: &Entry| !of_events || entry.pattern.is_some_and(is_of_events);
        let mut values = tree::Values::default();
        if let Some(at) = self.paths.find(path, 0, 0, &mut values)
            && let Some(entries) = self.places.get(at)
            && entries.iter().all(may_take)
        {
            if let Some(entry) = pick(entries, method) {
                let params = entry.names.iter().enumerate();
                let params = params.map(|(number, name)| (*name, Span::of(values.get(number), path)));
                let text = || shared.cloned().map_or_else(|| Text::of(path), Text::Shared);
                let params = PathParams::new(text, params);
                return Ok(Found { function: entry.function, params, pattern: entry.pattern });
            }
            allowed = methods_of(entries);
        }
        if let Some(entry) = pick(anywhere, method) {
            return Ok(Found { function: entry.function, params: PathParams::default(), pattern: None });
        }
        let allowed = allowed.and(methods_of(anywhere));
        Err(if allowed == Methods::NONE { NotFound::Path } else { NotFound::Method(with_head(allowed)) })
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.places.iter().flatten()).finish()
    }
}

fn place(entries: &mut Vec<Entry>, entry: Entry, path: &str) -> Result<(), String> {
    if entries.iter().any(|other| other.methods.collide(entry.methods)) {
        return Err(format!("two functions take {} {path}", entry.methods));
    }
    entries.push(entry);
    Ok(())
}

/// The entry for a method: one that names it, else `GET` for `HEAD`, else one for any method.
fn pick<'a>(entries: &'a [Entry], method: &Method) -> Option<&'a Entry> {
    let named = |wanted: &Method| entries.iter().find(|e| !e.methods.is_any() && e.methods.contains(wanted));
    named(method)
        .or_else(|| if method == Method::HEAD { named(&Method::GET) } else { None })
        .or_else(|| entries.iter().find(|entry| entry.methods.is_any()))
}

#[cold]
#[inline(never)]
fn methods_of(entries: &[Entry]) -> Methods {
    let mut all = Methods::NONE;
    for entry in entries {
        all = all.and(entry.methods);
        if all.is_any() {
            break;
        }
    }
    all
}

fn with_head(methods: Methods) -> Methods {
    if methods.overlap(Methods::GET) { methods.and(Methods::HEAD) } else { methods }
}
