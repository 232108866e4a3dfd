//! Where a text ends, and where a number does.

/// How many bytes come before the first that is a quote, a backslash or a control character: all, where there is none. Eight bytes
/// are seen at once.
pub(super) fn until_special(bytes: &[u8]) -> usize {
    let (eights, more) = bytes.as_chunks();
    let mut at = 0;
    for eight in eights {
        if let Some(place) = first_special(*eight) {
            return at + place;
        }
        at += 8;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20);
    at + more.iter().position(is_special).unwrap_or(more.len())
}

/// Where the first of these bytes is that is special.
#[inline]
pub(super) fn first_special(eight: [u8; 8]) -> Option<usize> {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = u64::from_ne_bytes([0x80; 8]);
    let word = u64::from_le_bytes(eight);
    // Of a quote and a space, one bit makes the other. With it, the quote is next to the control characters, and the space is not.
    let control_or_quote = (word ^ (ONES * u64::from(b'"' ^ b' '))).wrapping_sub(ONES * u64::from(b' ' + 1));
    let backslash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
    // A byte that was less than what was taken from it has its high bit set now; one that had it before is no ASCII. Of what is
    // found, the first is right: what a borrow makes up stands behind it.
    let found = (control_or_quote | backslash) & !word & HIGH;
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
