//! JSON, written straight into one buffer.

use std::borrow::Cow;

/// A header's value as text. One that is no UTF-8 is read as ISO-8859-1, which every sequence of bytes is and which was the
/// encoding of header fields once (RFC 9110, 5.5): the reply is JSON and can hold nothing but text, and the characters stay
/// what they were.
pub(crate) fn header_value(value: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(value) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.iter().copied().map(char::from).collect()),
    }
}

/// Writes what stands between brackets, with commas.
pub(crate) fn list<T>(
    out: &mut Vec<u8>,
    brackets: [u8; 2],
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    out.push(brackets[0]);
    for (i, item) in items.into_iter().enumerate() {
        if i > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(brackets[1]);
}
