use std::fmt;

use http::Method;

/// What `#[function]` says of a function: known at compile time, and all that packaging needs.
#[derive(Debug, Clone, Copy)]
pub struct Spec {
    /// The function's name: that of the fn, unless `name = "…"` gives another.
    pub name: &'static str,
    /// What starts it.
    pub trigger: Trigger,
    /// Where it stands in the source.
    pub location: Location,
}

/// What starts a function.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Trigger {
    /// HTTP requests.
    Http(HttpTrigger),
}

/// The requests that start an HTTP function.
#[derive(Debug, Clone, Copy)]
pub struct HttpTrigger {
    /// Each path with its methods, at least one.
    pub routes: &'static [Route],
}

/// A path pattern and the methods that it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// The methods.
    pub methods: Methods,
    /// The pattern, as `/notes/{id}` or `/files/{*path}`; `None` is any path.
    pub path: Option<&'static str>,
}

/// As a list of routes shows it: `GET /notes/{id}`.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.path, self.methods) {
            (None, Methods::ANY) => f.write_str("any method, any path"),
            (None, methods) => write!(f, "{methods} any path"),
            (Some(path), methods) => write!(f, "{methods} {path}"),
        }
    }
}

/// A place in the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Location {
    /// The module, as `notes::http`.
    pub module: &'static str,
    /// The file, as the compiler names it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Spec {
    /// The HTTP routes; none for a function with another trigger.
    pub const fn routes(&self) -> &'static [Route] {
        match self.trigger {
            Trigger::Http(http) => http.routes,
        }
    }
}

/// A set of HTTP methods.
///
/// ```
/// use omnifn_core::Methods;
///
/// const READ: Methods = Methods::GET.and(Methods::HEAD);
/// assert!(READ.contains(&http::Method::GET));
/// assert_eq!(READ.to_string(), "GET, HEAD");
/// assert!(Methods::ANY.contains(&http::Method::from_bytes(b"PURGE").unwrap()));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Methods(u16);

const NAMED: [(Methods, Method); 7] = [
    (Methods::GET, Method::GET),
    (Methods::HEAD, Method::HEAD),
    (Methods::POST, Method::POST),
    (Methods::PUT, Method::PUT),
    (Methods::PATCH, Method::PATCH),
    (Methods::DELETE, Method::DELETE),
    (Methods::OPTIONS, Method::OPTIONS),
];

impl Methods {
    /// None at all.
    pub const NONE: Methods = Methods(0);
    /// `GET`, which also answers `HEAD` where no other function does.
    pub const GET: Methods = Methods(1);
    /// `HEAD`.
    pub const HEAD: Methods = Methods(1 << 1);
    /// `POST`.
    pub const POST: Methods = Methods(1 << 2);
    /// `PUT`.
    pub const PUT: Methods = Methods(1 << 3);
    /// `PATCH`.
    pub const PATCH: Methods = Methods(1 << 4);
    /// `DELETE`.
    pub const DELETE: Methods = Methods(1 << 5);
    /// `OPTIONS`.
    pub const OPTIONS: Methods = Methods(1 << 6);
    /// Every method, also those without a name here.
    pub const ANY: Methods = Methods(u16::MAX);

    /// These methods and those.
    pub const fn and(self, other: Methods) -> Methods {
        Methods(self.0 | other.0)
    }

    /// Whether the two sets share a method.
    pub const fn overlap(self, other: Methods) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether two functions with one path and these methods are one too many: they share a method. Every method beside a
    /// named one is allowed, for the named one goes first.
    pub const fn collide(self, other: Methods) -> bool {
        match (self.is_any(), other.is_any()) {
            (true, true) => true,
            (false, false) => self.overlap(other),
            _ => false,
        }
    }

    /// Whether it is every method.
    pub const fn is_any(self) -> bool {
        self.0 == Methods::ANY.0
    }

    /// Whether the method is in the set.
    pub fn contains(self, method: &Method) -> bool {
        self.is_any() || NAMED.iter().any(|(set, named)| named == method && self.overlap(*set))
    }

    /// The methods of the set that have a name here, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Method> {
        NAMED.into_iter().filter(move |(set, _)| self.overlap(*set)).map(|(_, method)| method)
    }
}

/// The names, separated by comma and space, as in an `Allow` header; `ANY` for every method.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("ANY");
        }
        for (i, method) in self.iter().enumerate() {
            f.write_str(if i == 0 { "" } else { ", " })?;
            f.write_str(method.as_str())?;
        }
        Ok(())
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Methods({self})")
    }
}
