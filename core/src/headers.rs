//! Several headers at once.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};

/// The first value of each of these names, which are in small letters.
///
/// ```
/// use omnifn_core::headers;
///
/// let mut map = http::HeaderMap::new();
/// map.append("traceparent", "one".parse().unwrap());
/// map.append("traceparent", "two".parse().unwrap());
/// let [host, trace] = headers::first(&map, ["host", "traceparent"]);
/// assert!(host.is_none() && trace.unwrap() == "one");
/// ```
pub fn first<'h, const N: usize>(headers: &'h HeaderMap, names: [&'static str; N]) -> [Option<&'h HeaderValue>; N] {
    // One walk for all: a look for each hashes its name.
    let mut found = [None; N];
    for (name, value) in headers {
        let name = name.as_str();
        if let Some(at) = names.iter().position(|wanted| *wanted == name) {
            found[at].get_or_insert(value);
        }
    }
    found
}

/// The values of a list that may come in several headers of one name, as one, where any came: borrowed where it came in one.
pub(crate) fn joined<'h>(headers: &'h HeaderMap, name: &HeaderName, between: &[u8]) -> Option<Cow<'h, [u8]>> {
    let mut joined: Option<Cow<'h, [u8]>> = None;
    for (_, value) in headers.iter().filter(|(known, _)| *known == name) {
        match &mut joined {
            None => joined = Some(Cow::Borrowed(value.as_bytes())),
            Some(joined) => {
                let joined = joined.to_mut();
                for piece in [between, value.as_bytes()] {
                    joined.extend_from_slice(piece);
                }
            }
        }
    }
    joined
}

/// Sets a header. The map's own way is generic, so that each crate that goes it has a copy of its own, and it is not small.
///
/// ```
/// use http::{HeaderMap, HeaderValue, header};
///
/// let mut map = HeaderMap::new();
/// omnifn_core::headers::set(&mut map, header::ALLOW, HeaderValue::from_static("GET"));
/// assert_eq!(map["allow"], "GET");
/// ```
#[inline(never)]
pub fn set(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) {
    headers.insert(name, value);
}

/// A value of these bytes. Once for all who come with any, and not where each of them needs it, as that of the crate `http` is.
#[inline(never)]
pub(crate) fn value(bytes: &[u8]) -> Option<HeaderValue> {
    HeaderValue::from_bytes(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_walk_finds_what_a_look_for_each_finds() {
        let mut headers = HeaderMap::new();
        for count in 0..48 {
            let value = |text: String| HeaderValue::try_from(text).unwrap();
            headers.append(http::HeaderName::try_from(format!("x-{count}")).unwrap(), value(count.to_string()));
            headers.append("traceparent", value(format!("trace {count}")));
            headers.append("accept", value(format!("accepted {count}")));
            let names = ["x-0", "x-1", "x-23", "accept", "traceparent", "host"];
            assert_eq!(first(&headers, names), names.map(|name| headers.get(name)), "{count}");
        }
    }
}
