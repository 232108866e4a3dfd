//! Conversion of paths and queries from outside into [`Uri`]s, byte for byte.

use std::borrow::Cow;

use http::{Uri, uri::PathAndQuery};
use percent_encoding::{AsciiSet, utf8_percent_encode};

use crate::{Error, ErrorKind};

/// The bytes that an `http::Uri` cannot contain in a path and in a query. All others are left unchanged.
fn no_path(byte: u8) -> bool {
    byte.is_ascii_control() || matches!(byte, b' ' | b'<' | b'>' | b'`' | b'#' | b'?')
}

fn no_query(byte: u8) -> bool {
    byte.is_ascii_control() || matches!(byte, b' ' | b'"' | b'<' | b'>' | b'#')
}

/// The longest path and query, in bytes: that of a [`Uri`].
const LONGEST: usize = u16::MAX as usize - 1;

/// Creates a URI from a path and a query (without `?`) as a gateway passed them: nothing is folded, decoded or normalised. Only a
/// byte that no URI can contain (a raw space, `<`, `>`, `#`, a control character; in the path also a backtick, in the query
/// also `"`) is percent-encoded.
///
/// ```
/// use omnifn_core::uri::origin_form;
///
/// assert_eq!(origin_form("/public/../a%2Fb", "q=a b&q=é").unwrap(), "/public/../a%2Fb?q=a%20b&q=é");
/// assert_eq!(origin_form("", "").unwrap(), "/");
/// ```
///
/// # Errors
/// [`ErrorKind::Decode`] if the path and the query are longer than a URI may be (65,534 bytes).
pub fn origin_form(path: &str, query: &str) -> Result<Uri, Error> {
    // Before more memory is taken for it.
    let length = path.len().saturating_add(query.len()).saturating_add(usize::from(!query.is_empty()));
    if length > LONGEST {
        let text = format!("the path and query have {length} bytes; a URI has at most {LONGEST}");
        return Err(Error::new(ErrorKind::Decode, text));
    }
    let path = encode(path, no_path);
    let mut text = String::with_capacity(path.len() + query.len() + 2);
    if !path.starts_with('/') {
        text.push('/');
    }
    text.push_str(&path);
    if !query.is_empty() {
        text.push('?');
        text.push_str(&encode(query, no_query));
    }
    let length = text.len();
    let form = PathAndQuery::from_maybe_shared(bytes::Bytes::from(text));
    form.map(Uri::from).map_err(|e| {
        Error::new(ErrorKind::Decode, format!("the path and query ({length} bytes) are not a valid URI")).with_source(e)
    })
}

/// Percent-encodes a path that a gateway has decoded, so that it can be decoded once more: every byte that RFC 3986 does not allow in a path
/// as it is, which includes `%`. A slash that the client had encoded can no longer be distinguished from one between two segments.
///
/// ```
/// assert_eq!(omnifn_core::uri::encode_path("/files/a%20b ü?".as_bytes()), "/files/a%2520b%20%C3%BC%3F");
/// assert_eq!(omnifn_core::uri::encode_path(b"/a;b=c,d:e@f!$&'()*+~"), "/a;b=c,d:e@f!$&'()*+~");
/// ```
pub fn encode_path(path: &[u8]) -> Cow<'_, str> {
    // https://www.rfc-editor.org/rfc/rfc3986#section-3.3
    const DATA: &AsciiSet = &percent_encoding::CONTROLS
        .add(b' ')
        .add(b'"')
        .add(b'#')
        .add(b'%')
        .add(b'<')
        .add(b'>')
        .add(b'?')
        .add(b'[')
        .add(b'\\')
        .add(b']')
        .add(b'^')
        .add(b'`')
        .add(b'{')
        .add(b'|')
        .add(b'}');
    match std::str::from_utf8(path) {
        // No path of this length is encoded, because none can be the path of a request.
        Ok(path) if path.len() > LONGEST => path.into(),
        _ => percent_encoding::percent_encode(path, DATA).into(),
    }
}

/// Percent-encodes one key or value of a query where necessary, for events that contain the decoded query.
///
/// ```
/// assert_eq!(omnifn_core::uri::encode_query("a b&c=é"), "a%20b%26c%3D%C3%A9");
/// ```
pub fn encode_query(text: &str) -> Cow<'_, str> {
    const UNRESERVED: &AsciiSet =
        &percent_encoding::NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, UNRESERVED).into()
}

/// Removes the leading segment `prefix` (given without slashes) from a path, if the path has it.
///
/// ```
/// use omnifn_core::uri::strip_prefix;
///
/// assert_eq!(strip_prefix("/prod/notes", "prod"), "/notes");
/// assert_eq!(strip_prefix("/prod", "prod"), "/");
/// assert_eq!(strip_prefix("/production", "prod"), "/production");
/// ```
pub fn strip_prefix<'a>(path: &'a str, prefix: &str) -> &'a str {
    if prefix.is_empty() {
        return path;
    }
    match path.strip_prefix('/').and_then(|rest| rest.strip_prefix(prefix)) {
        Some("") => "/",
        Some(rest) if rest.starts_with('/') => rest,
        _ => path,
    }
}

fn encode(text: &str, cannot_be: impl Fn(u8) -> bool) -> Cow<'_, str> {
    // The path and query of an `http::Uri` may contain any UTF-8, so a gateway's bytes stay as they are.
    if !text.bytes().any(&cannot_be) {
        return Cow::Borrowed(text);
    }
    let mut encoded = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if c.is_ascii() && cannot_be(c as u8) {
            encoded.push_str(percent_encoding::percent_encode_byte(c as u8));
        } else {
            encoded.push(c);
        }
    }
    Cow::Owned(encoded)
}
