use serde::de::IgnoredAny;

/// A text as it stands between its quotes.
#[derive(Clone, Copy)]
pub(crate) struct Quoted<'a> {
    pub(crate) inner: &'a [u8],
    pub(super) escapes: usize,
}

impl<'a> Quoted<'a> {
    /// The text, where it stands there as it is.
    pub(crate) fn plain(&self) -> Option<&'a [u8]> {
        (self.escapes == 0).then_some(self.inner)
    }

    /// What stands there without escapes, where those are the short ones.
    pub(crate) fn unescaped(&self) -> Option<Vec<u8>> {
        // Each is two bytes for one, so nothing is left over, and nothing has to grow.
        let mut out = Vec::with_capacity(self.inner.len().checked_sub(self.escapes)?);
        let mut rest = self.inner;
        loop {
            // Eight bytes at once, as long as none of them is an escape.
            while let Some((eight, behind)) = rest.split_first_chunk::<8>()
                && first_special(eight).is_none()
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
                            b'b' => 8,
                            b'f' => 12,
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

    /// The same as JSON, for serde: where an escape is none of the short ones.
    pub(crate) fn json(&self) -> Vec<u8> {
        [b"\"", self.inner, b"\""].concat()
    }

    /// Whether its escapes are such.
    #[inline]
    pub(super) fn is_sound(&self) -> Option<()> {
        match self.escapes {
            0 => Some(()),
            _ => serde_json::from_slice::<IgnoredAny>(&self.json()).ok().map(drop),
        }
    }
}

/// Where the first quote, backslash or control character is. Eight bytes are seen at once.
#[inline]
pub(super) fn first_special(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    let has = |word: u64, byte: u8| {
        let zero = word ^ (ONES * u64::from(byte));
        zero.wrapping_sub(ONES) & !zero
    };
    let mut at = 0;
    let mut rest = text;
    while let Some((bytes, behind)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*bytes);
        let control = word.wrapping_sub(ONES * 0x20) & !word;
        // The lowest bit that is set is right, whatever the borrow made of those above it.
        let special = (control | has(word, b'"') | has(word, b'\\')) & HIGH;
        if special != 0 {
            return Some(at + special.trailing_zeros() as usize / 8);
        }
        at += 8;
        rest = behind;
    }
    first_special_of_few(rest).map(|few| at + few)
}

/// The same at the very end, byte for byte.
#[cold]
fn first_special_of_few(text: &[u8]) -> Option<usize> {
    text.iter().position(|byte| matches!(byte, b'"' | b'\\' | 0..0x20))
}
