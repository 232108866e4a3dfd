//! The choice of the function for a request: first by the path, then by the method.

use axum::{
    extract::{OriginalUri, Request},
    routing::any_service,
};
use http::{Method, Uri, uri::PathAndQuery};
use tower::{ServiceExt, service_fn};

use crate::{HttpService, Methods, Route, functions::is_of_events};

/// The routes of an app. Paths are matched percent-encoded, byte for byte, in axum's syntax: `{name}` is one segment, which text may
/// precede or follow, and `{*rest}` is everything that is left.
///
/// A path is found by its shape, without the names of its parameters: `/a/{x}` of one function and `/a/{y}` of another are one entry
/// with two methods. An [`axum::Router`] refuses that, and also refuses parameters with a suffix (`/{name}.png`). Therefore the function is
/// chosen here, with the library that axum uses, and each route is then served by an `axum::Router` of its own (`endpoint`).
///
/// ```
/// use omnifn_core::{Methods, Route, Routes};
///
/// let mut routes = Routes::default();
/// routes.add(0, &Route { methods: Methods::GET, path: Some("/notes/{id}") }, false).unwrap();
/// let found = routes.find(&http::Method::GET, "/notes/7").unwrap();
/// assert_eq!((found.function, found.pattern), (0, Some("/notes/{id}")));
/// ```
#[derive(Debug, Default, Clone)]
pub struct Routes {
    paths: matchit::Router<usize>,
    places: Vec<Place>,
    /// The routes that take any path.
    anywhere: Vec<Found>,
}

/// The routes of one shape.
#[derive(Debug, Clone)]
struct Place {
    shape: String,
    routes: Vec<Found>,
}

/// A route that takes a request.
#[derive(Debug, Clone, Copy)]
pub struct Found {
    /// The number with which the function was added.
    pub function: usize,
    /// The pattern of the route; `None` takes any path.
    pub pattern: Option<&'static str>,
    methods: Methods,
}

/// The reason why no function takes a request.
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
    /// The pattern is malformed, or an earlier route takes the same requests.
    pub fn add(&mut self, function: usize, route: &Route, prefix: bool) -> Result<(), String> {
        let found = Found { function, pattern: route.path, methods: route.methods };
        let Some(path) = route.path else { return place(&mut self.anywhere, found, "any path") };
        self.insert_with_prefix(path, found, prefix)
    }

    fn insert_with_prefix(&mut self, path: &str, found: Found, prefix: bool) -> Result<(), String> {
        self.insert(path, found)?;
        // These are the bare prefix, with its slash and without. Another function's route for it takes precedence over the mounted service.
        if prefix && let Some(at) = path.find("/{*") {
            let _ = self.insert(&path[..=at], found);
            if at > 0 {
                let _ = self.insert(&path[..at], found);
            }
        }
        Ok(())
    }

    /// Adds a route whose pattern is matched in lower case.
    ///
    /// # Errors
    /// As those of [`add`](Routes::add).
    pub(crate) fn add_lower_case(&mut self, route: &Route) -> Result<(), String> {
        let found = Found { function: 0, pattern: route.path, methods: route.methods };
        match route.path {
            None => place(&mut self.anywhere, found, "any path"),
            Some(path) => self.insert_with_prefix(&path.to_ascii_lowercase(), found, true),
        }
    }

    fn insert(&mut self, path: &str, found: Found) -> Result<(), String> {
        let shape = shape(path).map_err(|why| format!("`{path}` is not a valid route: {why}"))?;
        if let Some(there) = self.places.iter_mut().find(|place| place.shape == shape) {
            return place(&mut there.routes, found, path);
        }
        self.paths.insert(&shape, self.places.len()).map_err(|error| match error {
            matchit::InsertError::Conflict { with } => {
                let other = self.places.iter().find(|place| place.shape == with);
                let other = other.and_then(|place| place.routes.first()?.pattern).unwrap_or(&with);
                format!("the routes `{path}` and `{other}` conflict: some paths match both equally well")
            }
            error => format!("`{path}` is not a valid route: {error}"),
        })?;
        self.places.push(Place { shape, routes: vec![found] });
        Ok(())
    }

    /// Finds the route for a request. `HEAD` goes to a `GET` unless another route names it. A path of events (`/_omnifn/…`) is taken only by
    /// a pattern that names it, because the sender of an event would mistake any other function's response for an acknowledgement.
    ///
    /// # Errors
    /// Returns whether no function has the path, or only none with the method.
    pub fn find(&self, method: &Method, path: &str) -> Result<Found, NotFound> {
        let of_events = is_of_events(path);
        let place = self.paths.at(path).ok().and_then(|matched| self.places.get(*matched.value));
        let here = place.map_or(&[][..], |place| &place.routes);
        let here =
            if of_events && !here.iter().all(|route| route.pattern.is_some_and(is_of_events)) { &[] } else { here };
        let anywhere = if of_events { &[][..] } else { &self.anywhere };
        pick(here, method).or_else(|| pick(anywhere, method)).ok_or_else(|| {
            match here.iter().chain(anywhere).fold(Methods::NONE, |all, route| all.and(route.methods)) {
                Methods::NONE => NotFound::Path,
                methods if methods.overlap(Methods::GET) => NotFound::Method(methods.and(Methods::HEAD)),
                methods => NotFound::Method(methods),
            }
        })
    }
}

fn place(routes: &mut Vec<Found>, found: Found, path: &str) -> Result<(), String> {
    if routes.iter().any(|other| other.methods.collide(found.methods)) {
        return Err(format!("two functions have the route {} {path}", found.methods));
    }
    routes.push(found);
    Ok(())
}

/// Returns the route for a method: one that names the method, or else `GET` for `HEAD`, or else one for any method.
fn pick(routes: &[Found], method: &Method) -> Option<Found> {
    let named = |wanted: &Method| routes.iter().find(|route| !route.methods.is_any() && route.methods.contains(wanted));
    let get = || if method == Method::HEAD { named(&Method::GET) } else { None };
    named(method).or_else(get).or_else(|| routes.iter().find(|route| route.methods.is_any())).copied()
}

/// Returns a pattern in which numbers replace the names of the parameters.
fn shape(path: &str) -> Result<String, String> {
    if !path.starts_with('/') {
        return Err("it must begin with `/`".to_owned());
    }
    // matchit checks the names.
    matchit::Router::new().insert(path, ()).map_err(|error| error.to_string())?;
    let (mut shape, mut names) = (String::new(), Vec::new());
    for piece in pieces(path) {
        match piece {
            Piece::Text(text) => shape.push_str(text),
            Piece::Parameter(name) => {
                if names.contains(&name) {
                    return Err(format!("two parameters have the name `{name}`"));
                }
                let star = if name.starts_with('*') { "*" } else { "" };
                shape += &format!("{{{star}{}}}", names.len());
                names.push(name);
            }
        }
    }
    Ok(shape)
}

/// A part of a pattern.
enum Piece<'p> {
    /// Literal text with its escapes, `{{` and `}}`.
    Text(&'p str),
    /// The text between the braces.
    Parameter(&'p str),
}

/// Splits a well-formed pattern into its parts.
fn pieces(mut rest: &str) -> impl Iterator<Item = Piece<'_>> {
    std::iter::from_fn(move || {
        let piece = match rest.strip_prefix('{').filter(|inner| !inner.starts_with('{')) {
            Some(inner) => {
                let (name, behind) = inner.split_once('}')?;
                rest = behind;
                return Some(Piece::Parameter(name));
            }
            None if rest.is_empty() => return None,
            None if rest.starts_with("{{") => 2,
            None => rest.find('{').unwrap_or(rest.len()),
        };
        let (text, behind) = rest.split_at(piece);
        rest = behind;
        Some(Piece::Text(text))
    })
}

/// Serves a route by axum, which provides the path's parameters and the pattern to axum's extractors, and answers `HEAD`.
///
/// A mounted service is served as a fallback, so that a router inside it sees neither the pattern nor its parameters, which axum would put
/// in front of the router's own.
pub(crate) fn endpoint(pattern: Option<&'static str>, is_mounted: bool, service: HttpService) -> axum::Router {
    let router = axum::Router::new().without_v07_checks();
    match pattern.filter(|_| !is_mounted) {
        None => router.fallback(any_service(service)),
        Some(pattern) => match suffixes(pattern) {
            None => router.route(pattern, any_service(service)),
            Some((pattern, suffixes)) => {
                let inner = router.route(&pattern, any_service(restoring(service)));
                axum::Router::new().fallback_service(service_fn(move |request| {
                    inner.clone().oneshot(without_suffixes(request, &suffixes))
                }))
            }
        },
    }
}

/// Returns a pattern without the suffixes of its parameters, which axum's router does not support, and the suffix of each segment; `None` if
/// no parameter has a suffix.
fn suffixes(pattern: &str) -> Option<(String, Vec<String>)> {
    let (mut plain, mut suffixes) = (Vec::new(), Vec::new());
    for segment in pattern.split('/') {
        let parts: Vec<Piece<'_>> = pieces(segment).collect();
        let at = parts.iter().position(|piece| matches!(piece, Piece::Parameter(_))).map_or(parts.len(), |at| at + 1);
        let text = |piece: &Piece<'_>| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Parameter(name) => format!("{{{name}}}"),
        };
        plain.push(parts[..at].iter().map(text).collect::<String>());
        suffixes.push(parts[at..].iter().map(text).collect::<String>().replace("{{", "{").replace("}}", "}"));
    }
    suffixes.iter().any(|suffix| !suffix.is_empty()).then(|| (plain.join("/"), suffixes))
}

/// The URI that a request had before [`without_suffixes`].
#[derive(Clone)]
struct Whole(Uri);

fn without_suffixes(mut request: Request, suffixes: &[String]) -> Request {
    let uri = request.uri().clone();
    let mut suffixes = suffixes.iter();
    let segments = uri
        .path()
        .split('/')
        .map(|segment| suffixes.next().and_then(|suffix| segment.strip_suffix(suffix.as_str())).unwrap_or(segment));
    if let Ok(path) = PathAndQuery::try_from(segments.collect::<Vec<_>>().join("/")) {
        *request.uri_mut() = path.into();
        if request.extensions().get::<OriginalUri>().is_none() {
            request.extensions_mut().insert(OriginalUri(uri.clone()));
        }
        request.extensions_mut().insert(Whole(uri));
    }
    request
}

/// Restores the URI for the function.
fn restoring(service: HttpService) -> HttpService {
    HttpService::new(service_fn(move |mut request: Request| {
        if let Some(Whole(uri)) = request.extensions_mut().remove() {
            *request.uri_mut() = uri;
        }
        service.clone().oneshot(request)
    }))
}
