//! Where a text ends, and where a number does.

/// How a text goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// It ends with the quote that is there.
    Quote(usize),
    /// An escape is there.
    Escape(usize),
    /// It does not end, or holds a control character.
    None,
}

/// What comes first in a text, from a place in it on: its end, or an escape. Eight bytes are seen at once.
pub(super) fn ending(bytes: &[u8], from: usize) -> Ending {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let has = |word: u64, byte: u8| {
        let zero = word ^ (ONES * u64::from(byte));
        zero.wrapping_sub(ONES) & !zero
    };
    let mut at = from;
    // Of what is found, the first is right: what a borrow makes up stands behind it.
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*eight);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        let found = (control | has(word, b'"') | has(word, b'\\')) & HIGH;
        if found != 0 {
            return one(bytes, at + (found.trailing_zeros() / 8) as usize);
        }
        at += 8;
    }
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20)) {
        Some(more) => one(bytes, at + more),
        None => Ending::None,
    }
}

fn one(bytes: &[u8], at: usize) -> Ending {
    match bytes.get(at) {
        Some(b'"') => Ending::Quote(at),
        Some(b'\\') => Ending::Escape(at),
        _ => Ending::None,
    }
}

/// The end of a number.
pub(super) fn number(bytes: &[u8], from: usize) -> Option<usize> {
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = from;
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    // No zero goes before another digit.
    at += match (bytes.get(at)?, digits(at)) {
        (_, 0) => return None,
        (b'0', more) if more > 1 => return None,
        (_, count) => count,
    };
    if bytes.get(at) == Some(&b'.') {
        let count = digits(at + 1);
        if count == 0 {
            return None;
        }
        at += 1 + count;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        let count = digits(at);
        if count == 0 {
            return None;
        }
        at += count;
    }
    Some(at)
}
