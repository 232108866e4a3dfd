use http::{Method, Request};

use crate::{Error, ErrorKind, Methods, NotFound, Route, Routes, Spec, Target, Trigger, cut::cut, event::Class};

/// The prefix of the paths that events are posted to, each with the name of its function. No other path is treated as one of them.
const OF_EVENTS: &str = "/_omnifn/";

/// Whether a path, or a pattern, is one that events are posted to.
pub(crate) fn is_of_events(path: &str) -> bool {
    path.starts_with(OF_EVENTS)
}

/// Returns the names in a list separated by commas, which may end with a comma.
///
/// ```
/// assert_eq!(omnifn_core::names("hello, greet,"), ["hello", "greet"]);
/// ```
pub fn names(list: &str) -> Vec<&str> {
    list.split(',').map(str::trim_ascii).filter(|name| !name.is_empty()).collect()
}

/// The names of functions, as errors list them.
pub(crate) fn listed(specs: impl Iterator<Item = &'static Spec>) -> String {
    specs.map(|spec| format!("`{}`", spec.name)).collect::<Vec<_>>().join(", ")
}

/// Returns the routes of a function that is known by its name: its own, or any path for one that is invoked.
pub(crate) const fn routes_by_name(spec: &Spec) -> &'static [Route] {
    match spec.trigger {
        Trigger::Invoke => &[Route { methods: Methods::POST, path: None }],
        _ => spec.routes(),
    }
}

/// The functions of an app, for an adapter that must find the function for an event.
///
/// ```
/// use omnifn_core::{Functions, event::Class};
///
/// let none = Functions::default();
/// let error = none.choose("an SQS event with 2 records", &[(Class::Queue, Some("orders"))]).unwrap_err();
/// assert!(error.to_string().contains("received an SQS event with 2 records"));
/// ```
#[derive(Debug, Clone, Default)]
pub struct Functions {
    specs: Vec<&'static Spec>,
    /// Whether other services answer on the same server.
    are_mounted: bool,
}

impl FromIterator<&'static Spec> for Functions {
    fn from_iter<I: IntoIterator<Item = &'static Spec>>(specs: I) -> Self {
        Functions { specs: specs.into_iter().collect(), are_mounted: false }
    }
}

impl Functions {
    /// Marks the functions as a part of a server with other services, which clients may be meant to reach. A function that is alone takes only
    /// the requests for its own path then.
    pub fn mounted(mut self) -> Self {
        self.are_mounted = true;
        self
    }

    /// Returns all functions.
    pub fn iter(&self) -> impl Iterator<Item = &'static Spec> + Clone {
        self.specs.iter().copied()
    }

    /// Returns the functions that take events.
    pub fn of_events(&self) -> impl Iterator<Item = &'static Spec> + Clone {
        self.iter().filter(|spec| !matches!(spec.class(), Class::Http | Class::Invoke))
    }

    /// Returns whether clients are meant to reach this program: one of the functions takes HTTP requests or is invoked directly, or the
    /// functions are mounted beside other services.
    pub fn serve_clients(&self) -> bool {
        self.are_mounted || self.iter().any(|spec| matches!(spec.class(), Class::Http | Class::Invoke))
    }

    /// Returns which function a request to a server is for. `POST /price` is for the function `price` if it is invoked directly, and such a
    /// function takes every request if it is alone. Any other request is for the HTTP function whose route matches.
    ///
    /// Every client that can reach the HTTP functions of a program could also send such a request. `is_authorized` is whether the platform has
    /// authorized the caller to invoke functions; otherwise a program with HTTP functions, or one that is mounted beside other services, serves
    /// HTTP functions only.
    pub fn target<B>(&self, request: &Request<B>, is_authorized: bool) -> Target {
        let is_separate = !self.are_mounted && self.have_no_routes();
        let invoked = self.invoked(request.method(), request.uri().path()).filter(|_| is_authorized || is_separate);
        invoked.map_or(Target::Route, |spec| Target::Function(spec.name.to_owned()))
    }

    /// Returns whether a request to a server invokes a function directly, in a program without HTTP functions: its sender can be verified as
    /// that of an event.
    pub fn is_invocation(&self, method: &Method, path: &str) -> bool {
        self.have_no_routes() && self.invoked(method, path).is_some()
    }

    fn have_no_routes(&self) -> bool {
        self.iter().all(|spec| spec.class() != Class::Http)
    }

    /// Returns the function that a request to a server invokes directly, if its sender may do so.
    fn invoked(&self, method: &Method, path: &str) -> Option<&'static Spec> {
        let named = || {
            let name = path.strip_prefix('/').filter(|_| method == Method::POST)?;
            self.named(name).filter(|spec| spec.class() == Class::Invoke)
        };
        self.only_invoked().filter(|_| !self.are_mounted).or_else(named)
    }

    /// Returns the function that is invoked directly, if there is no other function.
    pub fn only_invoked(&self) -> Option<&'static Spec> {
        match self.specs[..] {
            [only] if only.class() == Class::Invoke => Some(only),
            _ => None,
        }
    }

    /// Returns the names of the functions that take events, for a text: `` `settle`, `index` ``.
    pub fn names_of_events(&self) -> String {
        listed(self.of_events())
    }

    /// Returns the error for an event that was posted where none are accepted. `reason` is why, and what to do.
    ///
    /// The status is 404, as for a path that does not exist, and no detail is sent to the caller, who may be anyone.
    pub fn closed(&self, function: &Spec, reason: &str) -> Error {
        let words = format!("an event that was posted for the function `{}` was refused: {reason}", function.name);
        Error::new(ErrorKind::NotFound, words)
    }

    /// Returns the function with this name.
    pub fn named(&self, name: &str) -> Option<&'static Spec> {
        self.iter().find(|spec| spec.name == name)
    }

    /// Returns the function of an app that has only one.
    pub fn single(&self) -> Option<&'static Spec> {
        match self.specs.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Returns the names of all functions, as errors list them.
    pub fn names(&self) -> String {
        listed(self.iter())
    }

    /// Returns the only function that takes events; `None` if there are several or none.
    pub fn only_of_events(&self) -> Option<&'static Spec> {
        let mut of_events = self.of_events();
        of_events.next().filter(|_| of_events.next().is_none())
    }

    /// Returns the function for events that are posted to a path: `/_omnifn/settle` is for `settle`, and an event function that is
    /// alone takes those of every path. `None` means that this is an HTTP request.
    ///
    /// ```
    /// use omnifn_core::Functions;
    ///
    /// let none = Functions::default();
    /// assert!(none.at("/settle").is_none());
    /// // It is never an HTTP request for another function, whose response the sender would take for an acknowledgement.
    /// assert!(none.at("/_omnifn/settle").unwrap().is_err());
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::NotFound`] if the path is one of events but names no function that takes events, unless the route of an HTTP
    /// function names that very path.
    pub fn at(&self, path: &str) -> Option<Result<&'static Spec, Error>> {
        let Some(name) = path.strip_prefix(OF_EVENTS) else {
            return self.only_of_events().filter(|_| self.specs.len() == 1 && !self.are_mounted).map(Ok);
        };
        match self.of_events().find(|spec| spec.name == name) {
            Some(spec) => Some(Ok(spec)),
            None if self.has_route(path) => None,
            None => Some(Err(self.none_at(path))),
        }
    }

    /// Returns whether the route of an HTTP function takes a request, also if a router in front of the program ignores the case of a path.
    pub fn have_route(&self, method: &Method, path: &str) -> bool {
        let mut routes = Routes::default();
        // Two routes that differ in case only may collide, and then neither can be excluded.
        let collide =
            self.iter().flat_map(Spec::routes).filter(|route| routes.add_lower_case(route).is_err()).count() > 0;
        collide || routes.find(method, &path.to_ascii_lowercase()).is_ok()
    }

    /// Whether the route of an HTTP function names this very path of events.
    fn has_route(&self, path: &str) -> bool {
        let mut routes = Routes::default();
        let named = self.iter().flat_map(Spec::routes).filter(|route| route.path.is_some_and(is_of_events));
        // A malformed or duplicate route was reported when the app was built.
        named.for_each(|route| drop(routes.add(0, route, true)));
        !matches!(routes.find(&Method::POST, path), Err(NotFound::Path))
    }

    fn none_at(&self, path: &str) -> Error {
        let words = match self.of_events().next() {
            None => format!("received an event at {path}, but no function of this program takes events"),
            Some(_) => format!(
                "received an event at {path}, but no function with a trigger has that name; the functions are: {}",
                listed(self.of_events())
            ),
        };
        Error::new(ErrorKind::NotFound, words)
    }

    /// Returns the function that an event is for. `received` describes the event; `claims` lists the classes that it could be read as, each
    /// with the short name of its source, the innermost first.
    ///
    /// A function whose trigger names the source takes the event. The outermost source counts first, because the platform itself wrote it,
    /// whereas anyone who may send a message can write what is inside. Without such a function, the class decides: a function that is alone
    /// in its class takes the event whatever its trigger names, because the source may have another name in a stage or a region.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if no function takes the event, or several could.
    pub fn choose(&self, received: &str, claims: &[(Class, Option<&str>)]) -> Result<&'static Spec, Error> {
        self.choose_with(claims, || received.to_owned())
    }

    /// Chooses as [`choose`](Functions::choose) does, but describes the event only for an error.
    ///
    /// # Errors
    /// [`ErrorKind::Unsupported`] if no function takes the event, or several could.
    pub fn choose_with(
        &self,
        claims: &[(Class, Option<&str>)],
        received: impl FnOnce() -> String,
    ) -> Result<&'static Spec, Error> {
        let named = claims.iter().rev().find_map(|(class, source)| {
            let source = (*source)?;
            self.iter().find(|spec| spec.class() == *class && spec.source() == Some(source))
        });
        if let Some(spec) = named {
            return Ok(spec);
        }
        for (class, source) in claims {
            let mut of_class = self.iter().filter(|spec| spec.class() == *class);
            match (of_class.next(), of_class.next()) {
                (None, _) => {}
                (Some(spec), None) => return Ok(spec),
                (Some(_), Some(_)) => return Err(self.none_is_named(&received(), *class, *source)),
            }
        }
        Err(self.none_takes(&received(), claims))
    }

    fn none_is_named(&self, received: &str, class: Class, source: Option<&str>) -> Error {
        let from = source.map(|source| format!(" (from {:?})", cut(source))).unwrap_or_default();
        let words = format!(
            "received {received}{from}, but several functions take {}: {}. Declare the source at the one that it is for, as \
             {class} = {:?}, or name the function in OMNIFN_FUNCTION",
            class.takes(),
            self.listed(|spec| spec.class() == class),
            source.unwrap_or("…"),
        );
        Error::new(ErrorKind::Unsupported, words)
    }

    fn none_takes(&self, received: &str, claims: &[(Class, Option<&str>)]) -> Error {
        let advice = match claims.first() {
            Some((class, source)) => {
                format!("declare one with #[function({class} = {:?})]", source.unwrap_or("…"))
            }
            None => "omnifn has no trigger for it".to_owned(),
        };
        let words = match self.only_of_events() {
            Some(spec) if self.specs.len() == 1 => {
                format!(
                    "received {received}, but the function `{}` takes {}: {advice}",
                    spec.name,
                    spec.class().takes()
                )
            }
            _ if self.specs.is_empty() => format!("received {received}, but there is no function for it: {advice}"),
            _ => format!(
                "received {received}, but no function takes it: {advice}; the functions are {}",
                self.listed(|_| true)
            ),
        };
        Error::new(ErrorKind::Unsupported, words)
    }

    fn listed(&self, which: impl Fn(&Spec) -> bool) -> String {
        let shown = self.iter().filter(|spec| which(spec)).map(|spec| match (&spec.trigger, spec.source()) {
            (Trigger::Http(_), _) => format!("`{}` (HTTP requests)", spec.name),
            (_, Some(source)) => format!("`{}` ({} = {source:?})", spec.name, spec.class()),
            (_, None) => format!("`{}` ({})", spec.name, spec.class()),
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}
