use std::ops::Range;

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri, Version, request};
use memchr::memchr;

use super::{
    head::{Bad, Fields, HEADERS, TARGET_LIMIT},
    names::Names,
};

/// Reads the head of a request: all of it, with its empty line, and nothing else.
///
/// A line is what stands before its end, which is CRLF or LF alone. What may stand in a name and in a value is the crate `http`'s to
/// say, which lets neither CR nor NUL into them.
pub(crate) fn request(head: &Bytes, names: &Names) -> Result<(request::Parts, Fields), Bad> {
    let mut lines = Lines { head, next: 0 };
    let (start, line) = lines.next().ok_or(NOT_WHOLE)?;
    let (method, target, version) = first(head, start, line)?;
    // Most lines are longer.
    let mut headers = HeaderMap::with_capacity((head.len() / 32).min(HEADERS));
    let mut fields = Fields::NONE;
    for taken in 0.. {
        let (start, line) = lines.next().ok_or(NOT_WHOLE)?;
        if line.is_empty() {
            break;
        }
        if taken == HEADERS {
            return Err(Bad::TooManyHeaders);
        }
        let colon = line.iter().position(|byte| *byte == b':').ok_or(NO_NAME)?;
        let (name, value) = (&line[..colon], trimmed(&line[colon + 1..]));
        let start = start + colon + 1 + value.start;
        fields.add(&mut headers, names.name(name)?, head.slice(start..start + value.len()), version)?;
    }
    // Two who find the end of a head are to agree about it.
    if lines.next != head.len() {
        return Err(NOT_WHOLE);
    }
    let mut parts = Request::new(()).into_parts().0;
    (parts.method, parts.uri, parts.version, parts.headers) = (method, target, version, headers);
    Ok((parts, fields))
}

/// What is wrong with the head of a request of which this is the beginning, whatever comes behind it.
pub(crate) fn refused(beginning: &[u8]) -> Option<Bad> {
    let first = &beginning[..memchr(b'\n', beginning).unwrap_or(beginning.len())];
    let method = &first[..memchr(b' ', first).unwrap_or(first.len())];
    (!method.is_empty() && Method::from_bytes(method).is_err()).then_some(NO_METHOD)
}

const NOT_WHOLE: Bad = Bad::Syntax("its head is not whole");
const NO_METHOD: Bad = Bad::Syntax("its method is none");
const NO_NAME: Bad = Bad::Syntax("the name of a header is none");

/// The lines of a head, one after the other, and where each begins.
struct Lines<'h> {
    head: &'h [u8],
    next: usize,
}

impl<'h> Iterator for Lines<'h> {
    type Item = (usize, &'h [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next;
        let rest = &self.head[start..];
        let length = memchr(b'\n', rest)?;
        self.next = start + length + 1;
        let line = &rest[..length];
        Some((start, line.strip_suffix(b"\r").unwrap_or(line)))
    }
}

/// The first line: a method, a target and a version, with one space between them.
fn first(head: &Bytes, start: usize, line: &[u8]) -> Result<(Method, Uri, Version), Bad> {
    let space = line.iter().position(|byte| *byte == b' ').ok_or(Bad::Syntax("its first line is none of HTTP/1"))?;
    let (before, version) = match line {
        [before @ .., b' ', b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'1'] => (before, Version::HTTP_11),
        [before @ .., b' ', b'H', b'T', b'T', b'P', b'/', b'1', b'.', b'0'] => (before, Version::HTTP_10),
        _ => return Err(Bad::Syntax("its version is not HTTP/1.0 or HTTP/1.1")),
    };
    const NO_TARGET: Bad = Bad::Syntax("its target is none");
    let target = before.get(space + 1..).ok_or(NO_TARGET)?;
    // `Uri` takes DEL for a letter, and looks at nothing behind `#`.
    let is_plain = target.iter().all(|byte| (b'!'..=b'~').contains(byte));
    let is_text = |text: &str| text.bytes().all(|byte| byte > b' ' && byte != 0x7f);
    if !is_plain && !std::str::from_utf8(target).is_ok_and(is_text) {
        return Err(NO_TARGET);
    }
    if target.len() > TARGET_LIMIT {
        return Err(Bad::LongTarget);
    }
    let method = Method::from_bytes(&line[..space]).map_err(|_| NO_METHOD)?;
    let start = start + space + 1;
    let target = Uri::from_maybe_shared(head.slice(start..start + target.len())).map_err(|_| NO_TARGET)?;
    Ok((method, target, version))
}

/// Where a value stands, without the blanks around it.
fn trimmed(mut value: &[u8]) -> Range<usize> {
    while let [before @ .., b' ' | b'\t'] = value {
        value = before;
    }
    let end = value.len();
    while let [b' ' | b'\t', behind @ ..] = value {
        value = behind;
    }
    end - value.len()..end
}
