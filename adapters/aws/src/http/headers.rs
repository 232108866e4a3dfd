//! Header fields, from the maps of an event.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::COOKIE};
use omnifn_core::{Error, ErrorKind};

use super::text::{Pairs, Text};

/// Both maps of an event as one: all values of the one that holds lists, and of the other what is missing there.
pub(super) fn read(single: Option<Pairs<'_>>, multi: Option<Pairs<'_>>, event: &Bytes) -> Result<HeaderMap, Error> {
    let (single, multi) = (single.unwrap_or_default(), multi.unwrap_or_default());
    // A list of many thousands is no usual request, and no reason to reserve for it at once.
    let mut headers = HeaderMap::with_capacity(single.0.len().max(multi.0.len()).min(64));
    let has_lists = !multi.0.is_empty();
    append(&mut headers, multi, false, event)?;
    append(&mut headers, single, has_lists, event)?;
    Ok(headers)
}

/// A name or a value that HTTP cannot hold is left out: it cannot have come over HTTP.
fn append(headers: &mut HeaderMap, pairs: Pairs<'_>, only_missing: bool, event: &Bytes) -> Result<(), Error> {
    for (name, value) in pairs.0 {
        let Ok(name) = HeaderName::from_bytes(&name) else { continue };
        let Ok(value) = HeaderValue::from_maybe_shared(value.into_bytes(event)) else { continue };
        if only_missing && headers.contains_key(&name) {
            continue;
        }
        headers.try_append(name, value).map_err(|e| {
            Error::new(ErrorKind::Decode, "the event holds more headers than a request can have").with_source(e)
        })?;
    }
    Ok(())
}

/// The cookies of payload format 2.0 as the one header that they were taken from. Where that is among the headers, too, it
/// says the same.
pub(super) fn set_cookies(headers: &mut HeaderMap, mut cookies: Vec<Text<'_>>, event: &Bytes) {
    match cookies.len() {
        0 => {}
        1 => insert(headers, cookies.remove(0).into_bytes(event)),
        _ => insert(headers, join(cookies.iter().map(|cookie| &**cookie))),
    }
}

/// One header for all cookies, as they are one list however many headers they came in (RFC 9113, 8.2.3): who reads the first
/// header alone would lose the others.
pub(super) fn join_cookies(headers: &mut HeaderMap) {
    let cookies = headers.get_all(COOKIE);
    if cookies.iter().nth(1).is_some() {
        let joined = join(cookies.iter().map(HeaderValue::as_bytes));
        insert(headers, joined);
    }
}

fn join<'c>(cookies: impl Iterator<Item = &'c [u8]>) -> Bytes {
    let mut joined = Vec::with_capacity(256);
    for (i, cookie) in cookies.enumerate() {
        if i > 0 {
            joined.extend_from_slice(b"; ");
        }
        joined.extend_from_slice(cookie);
    }
    joined.into()
}

fn insert(headers: &mut HeaderMap, cookies: Bytes) {
    if let Ok(value) = HeaderValue::from_maybe_shared(cookies) {
        // Where the map is full the cookies are lost, as every header beyond it.
        let _ = headers.try_insert(COOKIE, value);
    }
}
