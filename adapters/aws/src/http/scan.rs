//! JSON as platforms write it, read once and forward, in place.
//!
//! It reads what is well-formed and usual, several times faster than a deserializer that has to know what went wrong. Whatever it
//! does not understand is `None`: then serde reads the event, and makes the value or the error. So it must take nothing that serde
//! refuses, and must make nothing else of what both take: `tests` compare them.

#[cfg(test)]
pub(crate) mod tests;

use serde::de::IgnoredAny;

/// How deep a value that nobody reads may be. What is deeper is read by serde.
const DEPTH: u32 = 32;

/// A place in JSON.
pub(crate) struct Scan<'a> {
    /// What was not read yet.
    rest: &'a [u8],
    length: usize,
}

/// A text as it stands between its quotes.
#[derive(Clone, Copy)]
pub(crate) struct Quoted<'a> {
    pub(crate) inner: &'a [u8],
    escapes: usize,
}

impl<'a> Scan<'a> {
    pub(crate) fn new(json: &'a [u8]) -> Self {
        Scan { rest: json, length: json.len() }
    }

    /// How much was read.
    pub(crate) fn place(&self) -> usize {
        self.length - self.rest.len()
    }

    /// The first byte that is no white space.
    #[inline]
    pub(crate) fn peek(&mut self) -> Option<u8> {
        match self.rest.first() {
            Some(byte) if *byte > b' ' => Some(*byte),
            _ => self.peek_behind_space(),
        }
    }

    fn peek_behind_space(&mut self) -> Option<u8> {
        let is_space = |byte: &u8| matches!(byte, b' ' | b'\n' | b'\t' | b'\r');
        let at = self.rest.iter().position(|byte| !is_space(byte)).unwrap_or(self.rest.len());
        self.rest = self.rest.get(at..)?;
        self.rest.first().copied()
    }

    #[inline]
    fn take(&mut self, byte: u8) -> Option<()> {
        if self.peek()? != byte {
            return None;
        }
        self.rest = self.rest.get(1..)?;
        Some(())
    }

    /// Whether nothing but white space is left.
    pub(crate) fn end(&mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// The members of an object: each key, and behind it its value, which `each` reads.
    pub(crate) fn members(&mut self, each: impl FnMut(&mut Self, Quoted<'a>) -> Option<()>) -> Option<()> {
        self.members_by(Self::text, each)
    }

    /// The members of an object whose keys `text` reads.
    pub(crate) fn members_by(
        &mut self,
        text: fn(&mut Self) -> Option<Quoted<'a>>,
        mut each: impl FnMut(&mut Self, Quoted<'a>) -> Option<()>,
    ) -> Option<()> {
        self.take(b'{')?;
        if self.peek()? == b'}' {
            return self.take(b'}');
        }
        loop {
            let key = text(self)?;
            self.take(b':')?;
            each(self, key)?;
            if !self.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    /// The items of a list, each of which `each` reads.
    pub(crate) fn items(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        if self.peek()? == b']' {
            return self.take(b']');
        }
        loop {
            each(self)?;
            if !self.goes_on(b']')? {
                return Some(());
            }
        }
    }

    #[inline]
    fn goes_on(&mut self, end: u8) -> Option<bool> {
        let byte = self.peek()?;
        self.rest = self.rest.get(1..)?;
        match byte {
            b',' => Some(true),
            byte => (byte == end).then_some(false),
        }
    }

    /// `None` within for a null, else what `read` reads.
    pub(crate) fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.peek()? {
            b'n' => self.word(b"null").map(|()| None),
            _ => read(self).map(Some),
        }
    }

    pub(crate) fn truth(&mut self) -> Option<bool> {
        match self.peek()? {
            b't' => self.word(b"true").map(|()| true),
            _ => self.word(b"false").map(|()| false),
        }
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(word)?;
        Some(())
    }

    /// A text, without control characters.
    pub(crate) fn text(&mut self) -> Option<Quoted<'a>> {
        self.quoted(first_special)
    }

    /// A text in which control characters may stand, as serde reads it where bytes are asked for.
    pub(crate) fn bytes(&mut self) -> Option<Quoted<'a>> {
        self.quoted(|rest| memchr::memchr2(b'"', b'\\', rest))
    }

    #[inline(always)]
    fn quoted(&mut self, find: fn(&[u8]) -> Option<usize>) -> Option<Quoted<'a>> {
        self.take(b'"')?;
        let at = find(self.rest)?;
        let (inner, rest) = self.rest.split_at_checked(at)?;
        match rest.split_first()? {
            (b'"', rest) => {
                self.rest = rest;
                Some(Quoted { inner, escapes: 0 })
            }
            _ => self.escaped(at, find),
        }
    }

    /// A text whose first escape, if it is one, is at a place.
    #[inline(never)]
    fn escaped(&mut self, mut at: usize, find: fn(&[u8]) -> Option<usize>) -> Option<Quoted<'a>> {
        let mut escapes = 0;
        loop {
            let (inner, rest) = self.rest.split_at_checked(at)?;
            match rest.split_first()? {
                (b'"', rest) => {
                    self.rest = rest;
                    return Some(Quoted { inner, escapes });
                }
                (b'\\', _) => escapes += 1,
                _ => return None,
            }
            at += 2;
            at += find(self.rest.get(at..)?)?;
        }
    }

    /// Any value, as it stands there.
    pub(crate) fn raw(&mut self) -> Option<&'a [u8]> {
        self.peek()?;
        let from = self.rest;
        self.skip()?;
        from.get(..from.len() - self.rest.len())
    }

    /// Any value.
    pub(crate) fn skip(&mut self) -> Option<()> {
        self.skip_within(DEPTH)
    }

    fn skip_within(&mut self, depth: u32) -> Option<()> {
        match self.peek()? {
            b'"' => self.text()?.is_sound(),
            b'{' => {
                let depth = depth.checked_sub(1)?;
                self.members(|scan, key| {
                    key.is_sound()?;
                    scan.skip_within(depth)
                })
            }
            b'[' => {
                let depth = depth.checked_sub(1)?;
                self.items(|scan| scan.skip_within(depth))
            }
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            _ => self.number(),
        }
    }

    fn number(&mut self) -> Option<()> {
        self.passes(b"-");
        if !self.passes(b"0") {
            self.digits()?;
        }
        if self.passes(b".") {
            self.digits()?;
        }
        if self.passes(b"e") || self.passes(b"E") {
            let _ = self.passes(b"+") || self.passes(b"-");
            self.digits()?;
        }
        Some(())
    }

    fn passes(&mut self, byte: &[u8; 1]) -> bool {
        self.word(byte).is_some()
    }

    /// One or more.
    fn digits(&mut self) -> Option<()> {
        let count = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.rest = self.rest.get(count..)?;
        (count > 0).then_some(())
    }
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
        while let Some(at) = first_special(rest) {
            let (plain, from) = rest.split_at(at);
            out.extend_from_slice(plain);
            let (byte, length) = match from {
                [b'\\', byte @ (b'"' | b'\\' | b'/'), ..] => (*byte, 2),
                [b'\\', b'n', ..] => (b'\n', 2),
                [b'\\', b't', ..] => (b'\t', 2),
                [b'\\', b'r', ..] => (b'\r', 2),
                [b'\\', b'b', ..] => (8, 2),
                [b'\\', b'f', ..] => (12, 2),
                [b'\\', ..] | [] => return None,
                // A control character, where those may stand.
                [byte, ..] => (*byte, 1),
            };
            out.push(byte);
            rest = from.get(length..)?;
        }
        out.extend_from_slice(rest);
        Some(out)
    }

    /// The same as JSON, for serde: where an escape is none of the short ones.
    pub(crate) fn json(&self) -> Vec<u8> {
        [b"\"", self.inner, b"\""].concat()
    }

    /// Whether its escapes are such.
    #[inline]
    fn is_sound(&self) -> Option<()> {
        match self.escapes {
            0 => Some(()),
            _ => serde_json::from_slice::<IgnoredAny>(&self.json()).ok().map(drop),
        }
    }
}

/// Which keys an object had so far: one that comes twice is refused.
#[derive(Default)]
pub(crate) struct Seen(u32);

impl Seen {
    /// Puts the value of the `key`-th key into its place.
    pub(crate) fn once<T>(&mut self, key: u32, place: &mut T, value: T) -> Option<()> {
        let bit = 1 << key;
        let is_first = self.0 & bit == 0;
        self.0 |= bit;
        *place = value;
        is_first.then_some(())
    }
}

/// Where the first quote, backslash or control character is. Eight bytes are seen at once.
#[inline]
fn first_special(text: &[u8]) -> Option<usize> {
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
