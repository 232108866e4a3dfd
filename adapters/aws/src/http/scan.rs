//! JSON as platforms write it, read once and forward, in place.
//!
//! It reads what is well-formed and usual, several times faster than a deserializer that has to know what went wrong. Whatever it
//! does not understand is `None`: then serde reads the event, and makes the value or the error. So it must take nothing that serde
//! refuses, and must make nothing else of what both take: `tests` compare them.

mod quoted;
#[cfg(test)]
pub(crate) mod tests;

pub(crate) use quoted::Quoted;
use quoted::first_special;

/// How deep a value that nobody reads may be. What is deeper is read by serde.
const DEPTH: u32 = 32;

/// A place in JSON.
pub(crate) struct Scan<'a> {
    /// What was not read yet.
    rest: &'a [u8],
    length: usize,
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
