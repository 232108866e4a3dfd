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
#[inline]
pub(super) fn ending(bytes: &[u8], from: usize) -> Ending {
    let mut at = from;
    loop {
        let eight = eight(bytes, at);
        if let Some(place) = first_special(eight) {
            return match eight.get(place) {
                Some(b'"') => Ending::Quote(at + place),
                Some(b'\\') => Ending::Escape(at + place),
                _ => Ending::None,
            };
        }
        at += 8;
    }
}

/// The eight bytes at a place. Behind the end are zeros, which no text holds.
#[inline]
pub(super) fn eight(bytes: &[u8], at: usize) -> [u8; 8] {
    let rest = bytes.get(at..).unwrap_or_default();
    match rest.first_chunk() {
        Some(eight) => *eight,
        None => std::array::from_fn(|index| rest.get(index).copied().unwrap_or_default()),
    }
}

/// Where the first of these bytes is that is a quote, a backslash or a control character.
#[inline]
pub(super) fn first_special(eight: [u8; 8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let has = |word: u64, byte: u8| {
        let zero = word ^ (ONES * u64::from(byte));
        zero.wrapping_sub(ONES) & !zero
    };
    let word = u64::from_le_bytes(eight);
    let control = word.wrapping_sub(ONES * 0x20) & !word;
    // Of what is found, the first is right: what a borrow makes up stands behind it.
    let found = (control | has(word, b'"') | has(word, b'\\')) & HIGH;
    (found != 0).then(|| (found.trailing_zeros() / 8) as usize)
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
