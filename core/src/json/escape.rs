//! Texts with escapes.

use super::{plain, source::Source};

/// A text that begins at `start`, behind its quote, and is no longer plain at `special`; and the place behind its end.
#[inline(never)]
pub(super) fn text<S: Source + ?Sized>(bytes: &[u8], start: usize, special: usize) -> Option<(S::Owned, usize)> {
    let mut at = special;
    let mut escapes = 0;
    loop {
        match bytes.get(at)? {
            b'"' => break,
            b'\\' => escapes += 1,
            _ => return None,
        }
        at += 2;
        at += S::until_special(bytes.get(at..)?);
    }
    let text = unescaped(bytes.get(start..at)?, escapes, S::HALVES)?;
    Some((S::owned(text)?, at + 1))
}

/// A text without its escapes.
fn unescaped(text: &[u8], escapes: usize, halves: bool) -> Option<Vec<u8>> {
    // The short ones are two bytes for one, so nothing is left over, and nothing has to grow.
    let mut out = Vec::with_capacity(text.len().checked_sub(escapes)?);
    let mut rest = text;
    loop {
        // Eight bytes at once, as long as there is room for so many. In JSON within JSON the next escape is near: what is not before it
        // is taken back.
        while out.capacity() - out.len() >= 8
            && let Some((eight, behind)) = rest.split_first_chunk()
        {
            out.extend_from_slice(eight);
            let Some(place) = plain::first_special(*eight) else {
                rest = behind;
                continue;
            };
            out.truncate(out.len() - 8 + place);
            rest = rest.get(place..)?;
            break;
        }
        // Then one after another, until there was an escape.
        loop {
            match rest {
                [] => {
                    out.shrink_to_fit();
                    return Some(out);
                }
                [b'\\', b'u', behind @ ..] => {
                    rest = by_number(&mut out, behind, halves)?;
                    break;
                }
                [b'\\', escape, behind @ ..] => {
                    out.push(match escape {
                        b'"' | b'\\' | b'/' => *escape,
                        b'n' => b'\n',
                        b't' => b'\t',
                        b'r' => b'\r',
                        b'b' => 0x08,
                        b'f' => 0x0c,
                        _ => return None,
                    });
                    rest = behind;
                    break;
                }
                [b'\\'] => return None,
                [byte, behind @ ..] => {
                    out.push(*byte);
                    rest = behind;
                }
            }
        }
    }
}

/// A character that is written as its number in UTF-16, in two halves where it needs them. A half that stands alone is no character:
/// whoever reads bytes gets it as the three that it would be. Gives what comes behind it.
#[cold]
fn by_number<'t>(out: &mut Vec<u8>, text: &'t [u8], halves: bool) -> Option<&'t [u8]> {
    let (first, behind) = half(text)?;
    if let (0xd800..=0xdbff, Some(more)) = (first, behind.strip_prefix(b"\\u"))
        && let Some((second @ 0xdc00..=0xdfff, behind)) = half(more)
    {
        push(out, char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00))?);
        return Some(behind);
    }
    match char::from_u32(first) {
        Some(character) => push(out, character),
        None if halves => {
            out.extend([0xe0 | first >> 12, 0x80 | first >> 6 & 0x3f, 0x80 | first & 0x3f].map(|byte| byte as u8))
        }
        None => return None,
    }
    Some(behind)
}

fn push(out: &mut Vec<u8>, character: char) {
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
}

/// Four digits, and what comes behind them.
fn half(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, behind) = text.split_first_chunk::<4>()?;
    let number = digits.iter().try_fold(0, |number, digit| Some(number << 4 | char::from(*digit).to_digit(16)?))?;
    Some((number, behind))
}

/// The place behind the end of a text, from any place in it on. Characters by number are checked as far as `serde_json` checks what it passes over.
#[inline(never)]
pub(super) fn end(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        at += plain::until_special(bytes.get(at..)?);
        at = match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'"', _) => return Some(at + 1),
            (b'\\', Some(b'"' | b'\\' | b'/' | b'n' | b'r' | b't' | b'b' | b'f')) => at + 2,
            (b'\\', Some(b'u')) if bytes.get(at + 2..at + 6)?.iter().all(u8::is_ascii_hexdigit) => at + 6,
            _ => return None,
        };
    }
}
