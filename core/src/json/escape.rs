//! Texts with escapes.

use super::plain::{first_special, special};

/// A text that begins at `start`, behind its quote, and the place behind its end.
#[inline(never)]
pub(super) fn text(json: &str, start: usize) -> Option<(String, usize)> {
    let bytes = json.as_bytes();
    // Often it is JSON itself, and in most messages nothing longer comes behind it.
    let mut out = Vec::with_capacity(bytes.len().saturating_sub(start).min(256));
    let mut at = start;
    loop {
        let rest = bytes.get(at..)?;
        match rest.first_chunk() {
            Some(eight) => {
                out.extend_from_slice(eight);
                let Some(place) = first_special(*eight) else {
                    at += 8;
                    continue;
                };
                // Cheaper than a copy of so many bytes as come before it.
                out.truncate(out.len() - 8 + place);
                at += place;
            }
            None => {
                let place = special(rest, 0);
                out.extend_from_slice(rest.get(..place)?);
                at += place;
            }
        }
        let escaped = match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) => return String::from_utf8(out).ok().map(|text| (text, at + 1)),
            (b'\\', Some(byte @ (b'"' | b'\\' | b'/'))) => *byte,
            (b'\\', Some(b'n')) => b'\n',
            (b'\\', Some(b'r')) => b'\r',
            (b'\\', Some(b't')) => b'\t',
            (b'\\', Some(b'b')) => 0x08,
            (b'\\', Some(b'f')) => 0x0c,
            (b'\\', Some(b'u')) => return by_serde(json, start),
            _ => return None,
        };
        out.push(escaped);
        at += 2;
    }
}

/// The place behind the end of a text, from any place in it on. Characters by number are checked as far as `serde_json` checks what it passes over.
#[inline(never)]
pub(super) fn end(json: &str, start: usize) -> Option<usize> {
    let bytes = json.as_bytes();
    let mut from = start;
    loop {
        let at = special(bytes, from);
        from = match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) => return Some(at + 1),
            (b'\\', Some(b'"' | b'\\' | b'/' | b'n' | b'r' | b't' | b'b' | b'f')) => at + 2,
            (b'\\', Some(b'u')) if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at + 6,
            _ => return None,
        };
    }
}

/// Characters by number, which may be halves of one, are `serde_json`'s affair.
fn by_serde(json: &str, start: usize) -> Option<(String, usize)> {
    let end = end(json, start)?;
    let quoted = json.get(start.checked_sub(1)?..end)?;
    serde_json::from_str(quoted).ok().map(|text| (text, end))
}
