use std::fmt;

#[cfg(feature = "http")]
use http::Method;
#[cfg(feature = "serde")]
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A set of HTTP methods.
///
/// ```
/// use omnifn_spec::Methods;
///
/// const READ: Methods = Methods::GET.and(Methods::HEAD);
/// assert!(READ.overlap(Methods::GET) && !READ.overlap(Methods::POST));
/// assert_eq!(READ.to_string(), "GET, HEAD");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Methods(u16);

#[cfg(feature = "http")]
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
    /// The names of the methods.
    pub(crate) const NAMES: [(Methods, &'static str); 7] = [
        (Methods::GET, "GET"),
        (Methods::HEAD, "HEAD"),
        (Methods::POST, "POST"),
        (Methods::PUT, "PUT"),
        (Methods::PATCH, "PATCH"),
        (Methods::DELETE, "DELETE"),
        (Methods::OPTIONS, "OPTIONS"),
    ];

    /// The empty set.
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
    /// All methods, including those without a name here.
    pub const ANY: Methods = Methods(u16::MAX);

    /// Returns the union of two sets.
    pub const fn and(self, other: Methods) -> Methods {
        Methods(self.0 | other.0)
    }

    /// Returns whether the two sets share a method.
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

    /// Returns whether this is the set of all methods.
    pub const fn is_any(self) -> bool {
        self.0 == Methods::ANY.0
    }

    /// Returns the set of the method of this name, or of all for `ANY`.
    pub fn named(name: &str) -> Option<Methods> {
        let named = Methods::NAMES.into_iter().find(|(_, known)| *known == name);
        if name == "ANY" { Some(Methods::ANY) } else { named.map(|(set, _)| set) }
    }

    /// Returns the names of the methods of the set, in a fixed order; all that have a name here for [`ANY`](Methods::ANY).
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Methods::NAMES.into_iter().filter(move |(set, _)| self.overlap(*set)).map(|(_, name)| name)
    }
}

/// The set as one of the crate `http`'s methods.
#[cfg(feature = "http")]
impl Methods {
    /// Returns whether the method is in the set.
    pub fn contains(self, method: &Method) -> bool {
        self.is_any() || self.overlap(Methods::of(method))
    }

    /// Returns the set of that method only, which is empty if the method has no name here.
    fn of(method: &Method) -> Methods {
        match *method {
            Method::GET => Methods::GET,
            Method::HEAD => Methods::HEAD,
            Method::POST => Methods::POST,
            Method::PUT => Methods::PUT,
            Method::PATCH => Methods::PATCH,
            Method::DELETE => Methods::DELETE,
            Method::OPTIONS => Methods::OPTIONS,
            _ => Methods::NONE,
        }
    }

    /// Returns the methods of the set that have a name here, in a fixed order.
    pub fn iter(self) -> impl Iterator<Item = Method> {
        NAMED.into_iter().filter(move |(set, _)| self.overlap(*set)).map(|(_, method)| method)
    }
}

/// Writes the list of names, or `["ANY"]`.
#[cfg(feature = "serde")]
impl Serialize for Methods {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.is_any() {
            true => serializer.collect_seq(["ANY"]),
            false => serializer.collect_seq(self.names()),
        }
    }
}

/// Reads a list of names, of which there is at least one.
#[cfg(feature = "serde")]
impl<'de> Deserialize<'de> for Methods {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let set = |name: &String| Methods::named(name).ok_or_else(|| unknown(name));
        let all = names.iter().try_fold(Methods::NONE, |all, name| set(name).map(|one| all.and(one)))?;
        match all {
            Methods::NONE => Err(de::Error::invalid_length(0, &"at least one method")),
            all => Ok(all),
        }
    }
}

#[cfg(feature = "serde")]
fn unknown<E: de::Error>(name: &str) -> E {
    let known = Methods::ANY.names().collect::<Vec<_>>().join("`, `");
    E::custom(format_args!("unknown method {name:?}, expected one of `{known}`, or `ANY`"))
}

/// Writes the names, separated by a comma and a space as in an `Allow` header; `ANY` for all methods.
impl fmt::Display for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_any() {
            return f.write_str("ANY");
        }
        let mut between = "";
        for name in self.names() {
            f.write_str(between)?;
            f.write_str(name)?;
            between = ", ";
        }
        Ok(())
    }
}

impl fmt::Debug for Methods {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Methods({self})")
    }
}

#[cfg(all(test, feature = "http"))]
mod tests {
    use super::*;

    #[test]
    fn the_two_tables_are_equal() {
        let named = NAMED.map(|(set, method)| (set, method.as_str().to_owned()));
        assert_eq!(named, Methods::NAMES.map(|(set, name)| (set, name.to_owned())));
    }
}
