use bytes::Bytes;
use http::{Method, Request, Uri, Version, request};
use memchr::memchr;

use super::{
    head::{Bad, Fields, HEADERS, TARGET_LIMIT},
    lines::Lines,
    names::Names,
};

/// Reads the head of a request: all of it, with its empty line, and nothing else.
pub(crate) fn request(head: &Bytes, names: &Names) -> Result<(request::Parts, Fields), Bad> {
    let mut lines = Lines::of(head);
    let (start, line) = lines.next()?;
    let (method, target, version) = first(head, start, line)?;
    let mut parts = Request::new(()).into_parts().0;
    (parts.method, parts.uri, parts.version) = (method, target, version);
    // Most lines are longer.
    parts.headers.reserve((head.len() / 32).min(HEADERS));
    let fields = Fields::take(&mut lines, &mut parts.headers, names, Some(version))?;
    Ok((parts, fields))
}

/// What is wrong with the head of a request of which this is the beginning, whatever comes behind it.
pub(crate) fn refused(beginning: &[u8]) -> Option<Bad> {
    let first = &beginning[..memchr(b'\n', beginning).unwrap_or(beginning.len())];
    let method = &first[..memchr(b' ', first).unwrap_or(first.len())];
    (!method.is_empty() && Method::from_bytes(method).is_err()).then_some(NO_METHOD)
}

const NO_METHOD: Bad = Bad::Syntax("its method is none");

/// The first line: a method, a target and a version, with one space between them.
fn first(head: &Bytes, start: usize, line: &[u8]) -> Result<(Method, Uri, Version), Bad> {
    let space = line.iter().position(|byte| *byte == b' ').ok_or(Bad::Syntax("its first line is none of HTTP/1"))?;
    let (before, version) = match (line.strip_suffix(b" HTTP/1.1"), line.strip_suffix(b" HTTP/1.0")) {
        (Some(before), _) => (before, Version::HTTP_11),
        (_, Some(before)) => (before, Version::HTTP_10),
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
