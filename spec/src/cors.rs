//! The cross-origin requests that a program allows, and the rules of what it declares about them.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::{Methods, Ownership, Static};

/// The origins whose pages may call a program's HTTP functions from a browser, and what such a page may send and read (CORS).
///
/// ```
/// use omnifn_spec::Cors;
///
/// const SHOP: Cors = Cors { credentials: true, ..Cors::of(&["https://shop.example.com"]) };
/// assert_eq!(SHOP.check(), Ok(()));
/// assert!(Cors { credentials: true, ..Cors::of(&["*"]) }.check().is_err());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(
    feature = "serde",
    serde(
        deny_unknown_fields,
        bound(
            serialize = "O::Text: Serialize, O::List<O::Text>: Serialize",
            deserialize = "O::Text: Deserialize<'de>, O::List<O::Text>: Deserialize<'de>"
        )
    )
)]
pub struct Cors<O: Ownership = Static> {
    /// The origins that are allowed, each as a browser sends it: `https://shop.example.com`. `*` alone allows all.
    pub origins: O::List<O::Text>,
    /// The methods that are allowed; those that a page asks for, if none are declared.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub methods: Option<Methods>,
    /// The request headers that are allowed; those that a page asks for, if none are declared.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub headers: Option<O::List<O::Text>>,
    /// The response headers that a page may read, beside those that every page may read.
    #[cfg_attr(feature = "serde", serde(default))]
    pub exposed: O::List<O::Text>,
    /// Whether a page may send cookies and other credentials of the browser.
    #[cfg_attr(feature = "serde", serde(default))]
    pub credentials: bool,
    /// How many seconds a browser remembers what is allowed; a few seconds, unless declared.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub max_age: Option<u32>,
}

impl Cors {
    /// Allows requests without credentials from these origins.
    pub const fn of(origins: &'static [&'static str]) -> Self {
        Cors { origins, methods: None, headers: None, exposed: &[], credentials: false, max_age: None }
    }
}

impl<O: Ownership> Cors<O> {
    /// Returns whether every origin is allowed.
    pub fn is_any_origin(&self) -> bool {
        self.origins.as_ref().iter().any(|origin| origin.as_ref() == ANY)
    }

    /// Checks the whole declaration.
    ///
    /// # Errors
    /// The first value that cannot be declared, and why.
    pub fn check(&self) -> Result<(), String> {
        let origins: Vec<&str> = self.origins.as_ref().iter().map(AsRef::as_ref).collect();
        if origins.is_empty() {
            return Err(NO_ORIGINS.to_owned());
        }
        for (i, origin) in origins.iter().enumerate() {
            self::origin(origin).map_err(|why| format!("invalid origin {origin:?}: {why}"))?;
            if origins[..i].contains(origin) {
                return Err(format!("duplicate origin {origin:?}"));
            }
        }
        if self.is_any_origin() && origins.len() > 1 {
            return Err(ANY_AND_OTHERS.to_owned());
        }
        if self.is_any_origin() && self.credentials {
            return Err(ANY_WITH_CREDENTIALS.to_owned());
        }
        if self.methods == Some(Methods::NONE) {
            return Err("no method is given: leave `methods` out to allow all".to_owned());
        }
        let headers = self.headers.as_ref().map_or(&[][..], |headers| headers.as_ref());
        for name in headers.iter().chain(self.exposed.as_ref()).map(AsRef::as_ref) {
            header(name).map_err(|why| format!("invalid header {name:?}: {why}"))?;
        }
        Ok(())
    }
}

/// The text that stands for every origin.
pub const ANY: &str = "*";

/// The error of a declaration without origins.
pub const NO_ORIGINS: &str =
    "no origin is given: name those whose pages may call, as `\"https://shop.example.com\"`, or `\"*\"` for all";

/// The error of `*` beside other origins.
pub const ANY_AND_OTHERS: &str = "`*` allows every origin: remove it, or all the others";

/// The error of `*` with credentials.
pub const ANY_WITH_CREDENTIALS: &str =
    "browsers refuse credentials where every origin is allowed: name the origins, or remove `credentials`";

/// Checks an origin, which is `*` or has to be spelled exactly as a browser sends it, because it is compared byte for byte.
///
/// ```
/// use omnifn_spec::cors::origin;
///
/// assert!(origin("https://shop.example.com").is_ok() && origin("http://localhost:3000").is_ok());
/// assert!(origin("https://shop.example.com/").is_err());
/// ```
///
/// # Errors
/// The reason why no browser sends this origin.
pub fn origin(text: &str) -> Result<(), &'static str> {
    if text == ANY {
        return Ok(());
    }
    if text == "null" {
        return Err("sandboxed pages of all sites share it, so it would allow every site");
    }
    let form =
        "an origin is a scheme and a host, and a port if it is not the scheme's own: write `https://shop.example.com`";
    let (scheme, rest) = text.split_once("://").ok_or(form)?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '-' | '.'));
    if text.chars().any(|c| c.is_ascii_uppercase()) {
        return Err("browsers send origins in lower case");
    }
    if !is_scheme {
        return Err(form);
    }
    if rest.contains(['/', '?', '#']) {
        return Err("an origin has no path: remove everything after the host and the port");
    }
    if rest.contains('*') {
        return Err("an origin cannot contain a wildcard: name each origin, or `*` alone for all");
    }
    if !rest.is_ascii() {
        return Err("browsers send the host in its ASCII form: write `xn--…`");
    }
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !rest.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let is_ip6 = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .is_some_and(|address| address.parse::<std::net::Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address));
    if !is_ip6 && (host.is_empty() || !host.chars().all(is_name)) {
        return Err(form);
    }
    let Some(port) = port else { return Ok(()) };
    if !port.parse::<u16>().is_ok_and(|number| number > 0 && number.to_string() == port) {
        return Err("a port is a number from 1 to 65535");
    }
    if matches!((scheme, port), ("https", "443") | ("http", "80")) {
        return Err("browsers leave out the scheme's own port: remove it");
    }
    Ok(())
}

/// Checks the name of a header.
///
/// # Errors
/// The reason why it cannot be the name of a header that is allowed or exposed.
pub fn header(name: &str) -> Result<(), &'static str> {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'+-.^_`|~".contains(&byte);
    if name == ANY {
        return Err("name the headers; without a list of `headers`, a page may send all that it asks for");
    }
    match !name.is_empty() && name.bytes().all(is_token) {
        true => Ok(()),
        false => Err("a header's name consists of letters, digits and `-`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_those_that_browsers_send() {
        for good in [
            "*",
            "https://shop.example.com",
            "http://localhost",
            "http://localhost:3000",
            "http://127.0.0.1:8080",
            "http://[::1]",
            "http://[::1]:3000",
            "https://xn--ksehaus-5wa.example",
            "capacitor://localhost",
            "chrome-extension://abcdefghijklmnop",
            "https://example.com:80",
        ] {
            assert_eq!(origin(good), Ok(()), "{good}");
        }
        for (bad, why) in [
            ("", "a scheme and a host"),
            ("null", "sandboxed"),
            ("shop.example.com", "a scheme and a host"),
            ("https://", "a scheme and a host"),
            ("://host", "a scheme and a host"),
            ("https://a b", "a scheme and a host"),
            ("https://user@host", "a scheme and a host"),
            ("https://[::1", "a scheme and a host"),
            ("https://[0:0::1]", "a scheme and a host"),
            ("https://Shop.example.com", "lower case"),
            ("HTTPS://shop.example.com", "lower case"),
            ("https://shop.example.com/", "no path"),
            ("https://shop.example.com?a", "no path"),
            ("https://*.example.com", "wildcard"),
            ("https://käsehaus.example", "ASCII"),
            ("https://shop.example.com:443", "own port"),
            ("http://localhost:80", "own port"),
            ("http://localhost:", "1 to 65535"),
            ("http://localhost:0", "1 to 65535"),
            ("http://localhost:080", "1 to 65535"),
            ("http://localhost:65536", "1 to 65535"),
            ("https://a\r\nx: y", "a scheme and a host"),
        ] {
            let error = origin(bad).unwrap_err();
            assert!(error.contains(why), "{bad}: {error}");
        }
    }

    #[test]
    fn a_declaration_is_checked_as_a_whole() {
        let shop = Cors::of(&["https://shop.example.com"]);
        let full: Cors = Cors {
            methods: Some(Methods::GET),
            headers: Some(&["content-type"]),
            exposed: &["etag"],
            credentials: true,
            max_age: Some(600),
            ..shop
        };
        assert_eq!((shop.check(), full.check(), Cors::of(&["*"]).check()), (Ok(()), Ok(()), Ok(())));
        for (cors, why) in [
            (Cors::of(&[]), "no origin is given"),
            (Cors::of(&["https://a.example", "https://a.example"]), "duplicate origin"),
            (Cors::of(&["https://a.example", "*"]), "`*` allows every origin"),
            (Cors { credentials: true, ..Cors::of(&["*"]) }, "refuse credentials"),
            (Cors::of(&["a"]), "invalid origin \"a\""),
            (Cors { methods: Some(Methods::NONE), ..shop }, "no method"),
            (Cors::<Static> { headers: Some(&["*"]), ..shop }, "name the headers"),
            (Cors::<Static> { exposed: &["a b"], ..shop }, "invalid header \"a b\""),
        ] {
            let error = cors.check().unwrap_err();
            assert!(error.contains(why), "{why}: {error}");
        }
    }
}
