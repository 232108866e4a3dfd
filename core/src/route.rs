mod params;

use std::{collections::HashMap, fmt};

use http::{Method, Uri};

pub use params::PathParams;

use crate::{Methods, Route, functions::is_of_events};
use params::{Part, Text};

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
    paths: matchit::Router<usize>,
    /// What stands at each path: matched by shape, so that `/a/{x}` and `/a/{y}` are one.
    places: Vec<Vec<Entry>>,
    shapes: HashMap<String, usize>,
    /// The only place, where it is a text, or begins with one and takes all that follows: such a one is found without the tree.
    only: Option<(&'static str, bool)>,
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
        let Some(path) = route.path else {
            let entry = Entry { methods: route.methods, function, names: Vec::new(), pattern: None };
            return place(&mut self.anywhere, entry, "any path");
        };
        let (shape, names) = shape(path);
        check(path, &names).map_err(|why| format!("`{path}` is no route: {why}"))?;
        let bare = prefix.then(|| path.rfind("/{*")).flatten().map(|at| &path[..at]);
        self.insert(shape, Entry { methods: route.methods, function, names, pattern: Some(path) }, path)?;
        if let Some(bare) = bare {
            let (bare_shape, names) = crate::route::shape(bare);
            for shape in [format!("{bare_shape}/"), bare_shape] {
                if !shape.is_empty() {
                    let (methods, names) = (route.methods, names.clone());
                    let entry = Entry { methods, function, names, pattern: Some(path) };
                    // A function of its own at the bare prefix goes before the mounted service.
                    let _ = self.insert(shape, entry, path);
                }
            }
        }
        Ok(())
    }

    fn insert(&mut self, shape: String, entry: Entry, path: &'static str) -> Result<(), String> {
        let index = match self.shapes.get(&shape) {
            Some(index) => *index,
            None => {
                let index = self.places.len();
                self.paths.insert(shape.as_str(), index).map_err(|e| format!("`{path}` is no route: {e}"))?;
                self.places.push(Vec::new());
                self.only = simple(path).filter(|_| index == 0);
                self.shapes.insert(shape, index);
                index
            }
        };
        place(&mut self.places[index], entry, path)
    }

    /// The function for a request. `HEAD` goes to a `GET` where nothing else takes it. A path of events (`/_omnifn/…`) is for a
    /// pattern that names it alone: whoever posts events there takes the answer of a function of any path for their receipt.
    ///
    /// # Errors
    /// `NotFound` says whether the path or only the method has no function.
    pub fn find(&self, method: &Method, path: &str) -> Result<Found, NotFound> {
        self.find_in(method, path, || Text::of(path))
    }

    /// The same for a request, whose path need not be copied.
    pub(crate) fn find_for(&self, method: &Method, uri: &Uri) -> Result<Found, NotFound> {
        let text = || uri.path_and_query().cloned().map_or_else(|| Text::of(uri.path()), Text::Shared);
        self.find_in(method, uri.path(), text)
    }

    fn find_in(&self, method: &Method, path: &str, text: impl FnOnce() -> Text) -> Result<Found, NotFound> {
        let mut allowed = Methods::NONE;
        let of_events = is_of_events(path);
        let anywhere = if of_events { &[][..] } else { &self.anywhere };
        let may_take = |entry: &Entry| !of_events || entry.pattern.is_some_and(is_of_events);
        if let Some((entries, first, more)) = self.place(path)
            && entries.iter().all(may_take)
        {
            if let Some(entry) = pick(entries, method) {
                let params = PathParams::new(text, &entry.names, first, more);
                return Ok(Found { function: entry.function, params, pattern: entry.pattern });
            }
            allowed = entries.iter().fold(allowed, |all, entry| all.and(entry.methods));
        }
        if let Some(entry) = pick(anywhere, method) {
            return Ok(Found { function: entry.function, params: PathParams::default(), pattern: None });
        }
        let allowed = anywhere.iter().fold(allowed, |all, entry| all.and(entry.methods));
        Err(if allowed == Methods::NONE { NotFound::Path } else { NotFound::Method(with_head(allowed)) })
    }
}

impl Routes {
    /// What stands at a path, and the parts of it that are parameters.
    fn place(&self, path: &str) -> Option<(&[Entry], Option<Part>, Vec<Part>)> {
        let Some((text, goes_on)) = self.only else {
            let found = self.paths.at(path).ok()?;
            let mut parts = found.params.iter().map(|(_, value)| Part::of(value, path));
            let first = parts.next();
            let more = if found.params.len() > 1 { parts.collect() } else { Vec::new() };
            return Some((self.places.get(*found.value)?, first, more));
        };
        let rest = path.strip_prefix(text).filter(|rest| rest.is_empty() != goes_on)?;
        Some((self.places.first()?, goes_on.then(|| Part::of(rest, path)), Vec::new()))
    }
}

impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.shapes.iter().map(|(shape, i)| (shape, &self.places[*i]))).finish()
    }
}

/// What a pattern begins with, and whether it takes all that follows; unless it is one of more.
fn simple(path: &'static str) -> Option<(&'static str, bool)> {
    let (text, goes_on) = match path.strip_suffix('}').and_then(|rest| rest.rsplit_once("{*")) {
        Some((text, _)) => (text, true),
        None => (path, false),
    };
    (!text.contains(['{', '}'])).then_some((text, goes_on))
}

/// What the shape alone does not show, for its parameters have numbers instead of names.
fn check(path: &str, names: &[&str]) -> Result<(), String> {
    if !path.starts_with('/') {
        return Err("it must begin with `/`".to_owned());
    }
    for (i, name) in names.iter().enumerate() {
        if name.is_empty() || name.contains(['/', '*', '{']) {
            return Err(format!("`{name}` is no name of a parameter"));
        }
        if names[..i].contains(name) {
            return Err(format!("two parameters have the name `{name}`"));
        }
    }
    Ok(())
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

fn with_head(methods: Methods) -> Methods {
    if methods.overlap(Methods::GET) { methods.and(Methods::HEAD) } else { methods }
}

/// A pattern with its parameters renamed by position, and their names: `/a/{x}` is (`/a/{0}`, `["x"]`).
fn shape(path: &'static str) -> (String, Vec<&'static str>) {
    let (mut shape, mut names) = (String::with_capacity(path.len()), Vec::new());
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        if rest[open..].starts_with("{{") {
            shape.push_str(&rest[..open + 2]);
            rest = &rest[open + 2..];
            continue;
        }
        let Some(close) = rest[open..].find('}').map(|at| open + at) else { break };
        let name = &rest[open + 1..close];
        let (star, name) = match name.strip_prefix('*') {
            Some(name) => ("*", name),
            None => ("", name),
        };
        shape.push_str(&rest[..=open]);
        shape.push_str(star);
        shape.push_str(&names.len().to_string());
        shape.push('}');
        names.push(name);
        rest = &rest[close + 1..];
    }
    shape.push_str(rest);
    (shape, names)
}
