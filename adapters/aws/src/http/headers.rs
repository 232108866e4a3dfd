//! Header fields, from the maps of an event.

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::COOKIE};
use omnifn_core::{
    Error, ErrorKind,
    json::{Fields, RawStr},
};

/// Reads the headers of an event: all values of the map of lists, and those of the other map whose names are missing in the first.
pub(super) fn read(single: Option<Fields<'_>>, multi: Option<Fields<'_>>, event: &Bytes) -> Result<HeaderMap, Error> {
    let (single, multi) = (single.unwrap_or_default(), multi.unwrap_or_default());
    // Memory is not reserved for a list of many thousands, which no usual request contains.
    let mut headers = HeaderMap::with_capacity(single.0.len().max(multi.0.len()).min(64));
    let has_lists = !multi.0.is_empty();
    append(&mut headers, multi, false, event)?;
    append(&mut headers, single, has_lists, event)?;
    join_cookies(&mut headers);
    Ok(headers)
}

/// Appends fields. A name or a value that HTTP does not allow cannot have been sent by a client and is left out.
fn append(headers: &mut HeaderMap, fields: Fields<'_>, only_missing: bool, event: &Bytes) -> Result<(), Error> {
    for (name, value) in fields.0 {
        let Ok(name) = HeaderName::from_bytes(&name) else { continue };
        let Ok(value) = HeaderValue::from_maybe_shared(value.into_bytes(event)) else { continue };
        if only_missing && headers.contains_key(&name) {
            continue;
        }
        headers.try_append(name, value).map_err(|e| {
            Error::new(ErrorKind::Decode, "the event contains more headers than a request can have").with_source(e)
        })?;
    }
    Ok(())
}

/// Sets the cookies of payload format 2.0 as the header that they were taken from. If the event also has that header, it is the same.
pub(super) fn set_cookies(headers: &mut HeaderMap, cookies: &[RawStr<'_>]) {
    if !cookies.is_empty() {
        insert(headers, &cookies.iter().map(|cookie| &**cookie).collect::<Vec<_>>().join(&b"; "[..]));
    }
}

/// Joins cookies that arrived as several headers. They are one list (RFC 9113, 8.2.3), and most readers look at the first header alone.
fn join_cookies(headers: &mut HeaderMap) {
    let cookies: Vec<_> = headers.get_all(COOKIE).iter().map(HeaderValue::as_bytes).collect();
    if cookies.len() > 1 {
        let joined = cookies.join(&b"; "[..]);
        insert(headers, &joined);
    }
}

fn insert(headers: &mut HeaderMap, cookies: &[u8]) {
    if let Ok(value) = HeaderValue::from_bytes(cookies) {
        // If the map is full, the cookies are lost, as is every header beyond its limit.
        let _ = headers.try_insert(COOKIE, value);
    }
}
