use std::{cell::Cell, ops::Range};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Uri, Version, request};
use memchr::memchr;

use super::head::{Bad, Fields, HEADERS, TARGET_LIMIT};

thread_local! {
    /// The room of headers that were sent, for those that come next.
    static SPARE: Cell<Option<HeaderMap>> = const { Cell::new(None) };
}

/// Takes headers that nobody needs any more, for their room.
pub(crate) fn recycle(mut headers: HeaderMap) {
    if headers.capacity() <= HEADERS {
        headers.clear();
        SPARE.set(Some(headers));
    }
}

/// Reads the head of a request: all of it, with its empty line, and nothing else.
///
/// A line is what stands before its end, which is CRLF or LF alone. What may stand in a name and in a value is the crate `http`'s to
/// say, which lets neither CR nor NUL into them.
pub(crate) fn request(head: &Bytes) -> Result<(request::Parts, Fields), Bad> {
    let mut lines = Lines { head, next: 0 };
    let (method, target, version) = first(head, lines.next().ok_or(NOT_WHOLE)?)?;
    let mut headers = SPARE.take().unwrap_or_default();
    // Most lines are longer.
    headers.reserve((head.len() / 32).min(HEADERS));
    let mut fields = Fields::NONE;
    for taken in 0.. {
        let line = lines.next().ok_or(NOT_WHOLE)?;
        if line.is_empty() {
            break;
        }
        if taken == HEADERS {
            return Err(Bad::TooManyHeaders);
        }
        let colon = head[line.clone()].iter().position(|byte| *byte == b':').ok_or(NO_NAME)?;
        let name = &head[line.start..line.start + colon];
        let value = trimmed(head, line.start + colon + 1..line.end);
        fields.add(&mut headers, name, head.slice(value), version)?;
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

/// The lines of a head, one after the other.
struct Lines<'h> {
    head: &'h [u8],
    next: usize,
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let start = self.next;
        let rest = &self.head[start..];
        let length = memchr(b'\n', rest)?;
        self.next = start + length + 1;
        let has_cr = length > 0 && rest[length - 1] == b'\r';
        Some(start..start + length - usize::from(has_cr))
    }
}

/// The first line: a method, a target and a version, with one space between them.
fn first(head: &Bytes, line: Range<usize>) -> Result<(Method, Uri, Version), Bad> {
    let text = &head[line.clone()];
    let space = text.iter().position(|byte| *byte == b' ').ok_or(Bad::Syntax("its first line is none of HTTP/1"))?;
    let (before, version) = match text {
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
    let method = Method::from_bytes(&text[..space]).map_err(|_| NO_METHOD)?;
    let start = line.start + space + 1;
    let target = Uri::from_maybe_shared(head.slice(start..start + target.len())).map_err(|_| NO_TARGET)?;
    Ok((method, target, version))
}

/// Without the blanks around it.
fn trimmed(head: &[u8], mut value: Range<usize>) -> Range<usize> {
    let is_blank = |at: usize| matches!(head[at], b' ' | b'\t');
    while !value.is_empty() && is_blank(value.start) {
        value.start += 1;
    }
    while !value.is_empty() && is_blank(value.end - 1) {
        value.end -= 1;
    }
    value
}
