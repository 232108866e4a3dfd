//! Texts with escapes.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

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
    let text = match unescaped(bytes.get(start..at)?, escapes) {
        Some(text) => S::owned(text)?,
        // Characters by number, which may be halves of one, are `serde_json`'s affair.
        None => S::by_serde(bytes.get(start.checked_sub(1)?..=at)?)?,
    };
    Some((text, at + 1))
}

/// A text without its escapes, where those are the short ones.
fn unescaped(text: &[u8], escapes: usize) -> Option<Vec<u8>> {
    // Each is two bytes for one, so nothing is left over, and nothing has to grow.
    let mut out = Vec::with_capacity(text.len().checked_sub(escapes)?);
    let mut rest = text;
    loop {
        // Eight bytes at once, as long as none of them is an escape.
        while let Some((eight, behind)) = rest.split_first_chunk()
            && plain::first_special(*eight).is_none()
        {
            out.extend_from_slice(eight);
            rest = behind;
        }
        // Then one after another: in JSON within JSON the next escape is near.
        loop {
            match rest {
                [] => return Some(out),
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

/// What `serde_json` gives to those who ask for bytes.
#[cfg_attr(test, derive(Debug, PartialEq, Eq, PartialOrd, Ord))]
pub(super) struct Bytes(pub(super) Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Copied;

        impl Visitor<'_> for Copied {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(text.to_vec()))
            }
        }

        deserializer.deserialize_bytes(Copied)
    }
}
