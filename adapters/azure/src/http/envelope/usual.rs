//! The envelope as the host writes it, in one pass: `Data` holds the request alone.
//!
//! `None` is all else, which is read with care.

use std::borrow::Cow;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, header::Entry};
use omnifn_core::json::{Scanner, once};

use super::{Content, Sent, field, shared};

/// Enough for the headers of most requests, so that the map does not grow.
const HEADERS: usize = 24;

pub(super) fn read<'a>(text: &'a str, envelope: &Bytes) -> Option<Sent<'a>> {
    let mut scanner = Scanner::new(text);
    let mut sent = None;
    scanner.object(|scanner, key| match key {
        "Data" if sent.is_none() => {
            scanner.object(|scanner, name| {
                let trigger = trigger(scanner, name, envelope)?;
                // A second binding, and which of them is the request is not said by their order.
                once(&mut sent, trigger)
            })?;
            sent.is_some().then_some(())
        }
        "Data" => None,
        _ => scanner.skip(),
    })?;
    scanner.end()?;
    sent
}

fn trigger<'a>(scanner: &mut Scanner<'a>, name: &'a str, envelope: &Bytes) -> Option<Sent<'a>> {
    let (mut url, mut method, mut headers, mut body, mut identities) = (None, None, None, None, None);
    scanner.object(|scanner, key| match key {
        "Url" => once(&mut url, scanner.text()?),
        "Method" => once(&mut method, scanner.text()?),
        "Headers" => once(&mut headers, self::headers(scanner, envelope)?),
        "Body" => once(&mut body, scanner.maybe(Scanner::text)?.unwrap_or_default()),
        "Identities" => once(&mut identities, scanner.value()?),
        _ => scanner.skip(),
    })?;
    Some(Sent {
        name: Cow::Borrowed(name),
        url: url?,
        method: method?,
        headers: headers.unwrap_or_default(),
        body: Content::Text(body.unwrap_or_default()),
        identities: identities.filter(|json| *json != "null"),
    })
}

fn headers(scanner: &mut Scanner<'_>, envelope: &Bytes) -> Option<HeaderMap> {
    if scanner.null() {
        return Some(HeaderMap::new());
    }
    let mut headers = HeaderMap::with_capacity(HEADERS);
    scanner.object(|scanner, name| {
        if scanner.peek() != Some(b'[') {
            let (name, value) = field(name, shared(scanner.text()?, envelope))?;
            return first(&mut headers, name, value);
        }
        let mut is_first = true;
        scanner.list(|scanner| {
            let (name, value) = field(name, shared(scanner.text()?, envelope))?;
            match std::mem::take(&mut is_first) {
                true => first(&mut headers, name, value),
                false => headers.try_append(name, value).ok().map(drop),
            }
        })?;
        // A name without a value could take one away that it had before.
        (!is_first).then_some(())
    })?;
    Some(headers)
}

/// The first value of a name. A name that is there already, in whatever case, is not usual.
fn first(headers: &mut HeaderMap, name: HeaderName, value: HeaderValue) -> Option<()> {
    match headers.try_entry(name).ok()? {
        Entry::Vacant(place) => place.try_insert(value).ok().map(drop),
        Entry::Occupied(_) => None,
    }
}
