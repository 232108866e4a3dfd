//! Several headers at once.

use http::{HeaderMap, HeaderValue};

/// A walk is cheaper than a look for each, up to so many.
const FEW: usize = 24;

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
    if headers.len() > FEW {
        return names.map(|name| headers.get(name));
    }
    let mut found = [None; N];
    for (name, value) in headers {
        let name = name.as_str();
        if let Some(at) = names.iter().position(|wanted| *wanted == name) {
            found[at].get_or_insert(value);
        }
    }
    found
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
    fn both_ways_find_the_same() {
        let mut headers = HeaderMap::new();
        for count in 0..2 * FEW {
            let value = |text: String| HeaderValue::try_from(text).unwrap();
            headers.append(http::HeaderName::try_from(format!("x-{count}")).unwrap(), value(count.to_string()));
            headers.append("traceparent", value(format!("trace {count}")));
            headers.append("accept", value(format!("accepted {count}")));
            let names = ["x-0", "x-1", "x-23", "accept", "traceparent", "host"];
            assert_eq!(first(&headers, names), names.map(|name| headers.get(name)), "{count}");
        }
    }
}
