//! What nobody asks for is passed over.

use super::{escape, plain};

/// The place behind the value at `from`, in one loop for all that is nested in it.
pub(super) fn value(bytes: &[u8], from: usize) -> Option<usize> {
    // What is open at a place, outermost first, a bit for each: 1 is an object. A 1 stands before all. What has no room is outside.
    let mut open = 1_u64;
    let mut outside = Vec::new();
    let mut at = from;
    loop {
        at = spaces(bytes, at);
        let first = *bytes.get(at)?;
        match first {
            b'"' => at = text(bytes, at + 1)?,
            b'{' | b'[' => {
                let is_object = first == b'{';
                at = spaces(bytes, at + 1);
                if *bytes.get(at)? == closing(is_object) {
                    at += 1;
                } else {
                    if open >> 63 != 0 {
                        outside.push(open);
                        open = 1;
                    }
                    open = open << 1 | u64::from(is_object);
                    if is_object {
                        at = name(bytes, at)?;
                    }
                    continue;
                }
            }
            b't' => at = word(bytes, at, b"true")?,
            b'f' => at = word(bytes, at, b"false")?,
            b'n' => at = word(bytes, at, b"null")?,
            _ => at = plain::number(bytes, at)?,
        }
        // Behind a value.
        loop {
            if open == 1 {
                match outside.pop() {
                    Some(outer) => open = outer,
                    None => return Some(at),
                }
            }
            at = spaces(bytes, at);
            let (next, is_object) = (*bytes.get(at)?, open & 1 == 1);
            at += 1;
            if next == b',' {
                if is_object {
                    at = name(bytes, spaces(bytes, at))?;
                }
                break;
            }
            if next != closing(is_object) {
                return None;
            }
            open >>= 1;
        }
    }
}

fn closing(is_object: bool) -> u8 {
    if is_object { b'}' } else { b']' }
}

/// The place behind the colon of a name.
fn name(bytes: &[u8], at: usize) -> Option<usize> {
    if *bytes.get(at)? != b'"' {
        return None;
    }
    let at = spaces(bytes, text(bytes, at + 1)?);
    (*bytes.get(at)? == b':').then_some(at + 1)
}

/// The place behind a text that begins behind its quote.
fn text(bytes: &[u8], start: usize) -> Option<usize> {
    let end = start + plain::until_special(bytes.get(start..)?);
    match bytes.get(end)? {
        b'"' => Some(end + 1),
        _ => escape::end(bytes, end),
    }
}

/// The place behind white space.
#[inline]
pub(super) fn spaces(bytes: &[u8], at: usize) -> usize {
    // Mostly there is none, and one look says so.
    match bytes.get(at) {
        Some(byte) if *byte <= b' ' => some_spaces(bytes, at),
        _ => at,
    }
}

fn some_spaces(bytes: &[u8], mut at: usize) -> usize {
    while let Some(b' ' | b'\n' | b'\r' | b'\t') = bytes.get(at) {
        at += 1;
    }
    at
}

#[inline]
pub(super) fn word(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(word).then_some(at + word.len())
}
