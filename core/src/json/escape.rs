//! Texts with escapes.

use super::plain::{Ending, ending};

/// A text that begins at `start`, behind its quote, and the place behind its end.
pub(super) fn text(json: &str, start: usize) -> Option<(String, usize)> {
    let bytes = json.as_bytes();
    let mut out = String::with_capacity(first_guess(bytes, start));
    let mut from = start;
    loop {
        match ending(bytes, from) {
            Ending::Quote(end) => {
                out.push_str(json.get(from..end)?);
                return Some((out, end + 1));
            }
            Ending::Escape(at) => {
                out.push_str(json.get(from..at)?);
                let escaped = match *bytes.get(at + 1)? {
                    byte @ (b'"' | b'\\' | b'/') => char::from(byte),
                    b'n' => '\n',
                    b'r' => '\r',
                    b't' => '\t',
                    b'b' => '\x08',
                    b'f' => '\x0c',
                    b'u' => return by_serde(json, start),
                    _ => return None,
                };
                out.push(escaped);
                from = at + 2;
            }
            Ending::None => return None,
        }
    }
}

/// The place behind the end of a text. Characters by number are checked as far as `serde_json` checks what it passes over.
pub(super) fn end(json: &str, start: usize) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut from = start;
    loop {
        match ending(bytes, from) {
            Ending::Quote(end) => return Some(end + 1),
            Ending::Escape(at) => match bytes.get(at + 1)? {
                b'"' | b'\\' | b'/' | b'n' | b'r' | b't' | b'b' | b'f' => from = at + 2,
                b'u' if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => from = at + 6,
                _ => return None,
            },
            Ending::None => return None,
        }
    }
}

/// Characters by number, which may be halves of one, are `serde_json`'s affair.
fn by_serde(json: &str, start: usize) -> Option<(String, usize)> {
    let end = end(json, start)?;
    let quoted = json.get(start.checked_sub(1)?..end)?;
    serde_json::from_str(quoted).ok().map(|text| (text, end))
}

/// How long a text with escapes may be: often it is JSON itself, and so no longer than what is left.
fn first_guess(bytes: &[u8], start: usize) -> usize {
    bytes.len().saturating_sub(start).min(256)
}
