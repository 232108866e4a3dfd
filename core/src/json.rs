//! The JSON that a platform writes, read in one pass and without copies; and texts in the JSON that it gets.
//!
//! [`Scanner`] reads what it is asked for, and gives up at anything else: `None` says no more than that someone has to look at the message
//! again, [`fault()`] where it may be no JSON. What is read is what `serde_json` would have read; the tests hold it to that.

mod alike;
mod escape;
mod fault;
mod once;
mod plain;
mod skip;
mod source;
mod write;

use std::borrow::Cow;

pub use alike::Alike;
pub use fault::{Fault, fault};
pub use once::{Seen, once};
pub use source::Source;
pub use write::write_text;

/// How deep a value may be nested that is not passed over. Deeper ones are not usual.
const DEPTH: u8 = 32;

/// A place in JSON: in a text, or in [bytes](Source).
///
/// ```
/// use omnifn_core::json::Scanner;
///
/// let mut scanner = Scanner::new(r#"{"id": "7", "more": [1, {}], "note": null}"#);
/// let (mut id, mut note) = (None, None);
/// scanner.object(|scanner, name| {
///     match name {
///         "id" => id = scanner.maybe(Scanner::text)?,
///         "note" => note = scanner.maybe(Scanner::text)?,
///         _ => scanner.skip()?,
///     }
///     Some(())
/// });
/// assert!(scanner.end().is_some());
/// assert_eq!((id.as_deref(), note), (Some("7"), None));
/// ```
#[derive(Debug)]
pub struct Scanner<'a, S: Source + ?Sized = str> {
    json: &'a S,
    at: usize,
    depth: u8,
}

impl<'a, S: Source + ?Sized> Scanner<'a, S> {
    /// The beginning of it.
    pub fn new(json: &'a S) -> Self {
        Scanner { json, at: 0, depth: 0 }
    }

    /// How much of it is behind.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Whether nothing follows but white space.
    pub fn end(mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// An object: `field` is given each name, and reads its value. A name that is written with an escape is not usual.
    pub fn object(&mut self, mut field: impl FnMut(&mut Self, &'a S) -> Option<()>) -> Option<()> {
        self.within(b'{', b'}', |scanner| {
            let name = scanner.plain()?;
            scanner.take(b':')?;
            field(scanner, name)
        })
    }

    /// An object, as [`Scanner::object`] reads it, whose names may be written with escapes.
    pub fn members(&mut self, mut member: impl FnMut(&mut Self, &S) -> Option<()>) -> Option<()> {
        self.within(b'{', b'}', |scanner| {
            scanner.peek()?;
            let start = scanner.at;
            let name = match scanner.plain() {
                Some(name) => Cow::Borrowed(name),
                None => {
                    scanner.at = start;
                    let name = scanner.text()?;
                    // Of bytes, a text may have control characters; a name may not.
                    let has_none = scanner.json.bytes().get(start..scanner.at)?.iter().all(|byte| *byte >= b' ');
                    has_none.then_some(name)?
                }
            };
            scanner.take(b':')?;
            member(scanner, &name)
        })
    }

    /// An object, as [`Scanner::object`] reads it, which is most likely one like those before it in the same list.
    ///
    /// ```
    /// use omnifn_core::json::{Alike, Scanner};
    ///
    /// let mut scanner = Scanner::new(r#"[{"id": 7}, {"id": 8, "more": 9}]"#);
    /// let (mut before, mut numbers) = (Alike::default(), Vec::new());
    /// scanner.list(|scanner| {
    ///     scanner.object_like(&mut before, |scanner, name| {
    ///         numbers.push((name, scanner.value()?));
    ///         Some(())
    ///     })
    /// });
    /// assert_eq!(numbers, [("id", "7"), ("id", "8"), ("more", "9")]);
    /// ```
    pub fn object_like(
        &mut self,
        before: &mut Alike<'a, S>,
        mut field: impl FnMut(&mut Self, &'a S) -> Option<()>,
    ) -> Option<()> {
        let mut count = 0;
        self.within(b'{', b'}', |scanner| {
            let name = before.name(scanner, count)?;
            count += 1;
            field(scanner, name)
        })
    }

    /// An object whose names are any texts.
    pub fn map(&mut self, mut entry: impl FnMut(&mut Self, Cow<'a, S>) -> Option<()>) -> Option<()> {
        self.within(b'{', b'}', |scanner| {
            let name = scanner.text()?;
            scanner.take(b':')?;
            entry(scanner, name)
        })
    }

    /// A list: `element` reads each value.
    pub fn list(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.within(b'[', b']', &mut element)
    }

    /// A text: a part of the whole, or one of its own, as long as it has to be, where it has escapes.
    pub fn text(&mut self) -> Option<Cow<'a, S>> {
        self.take(b'"')?;
        let (start, bytes) = (self.at, self.json.bytes());
        let end = start + S::until_special(bytes.get(start..)?);
        if *bytes.get(end)? == b'"' {
            self.at = end + 1;
            return self.json.part(start..end).map(Cow::Borrowed);
        }
        let (text, end) = escape::text::<S>(bytes, start, end)?;
        self.at = end;
        Some(Cow::Owned(text))
    }

    /// A text without an escape.
    pub fn plain(&mut self) -> Option<&'a S> {
        self.take(b'"')?;
        let (start, bytes) = (self.at, self.json.bytes());
        let end = start + plain::until_special(bytes.get(start..)?);
        (*bytes.get(end)? == b'"').then_some(())?;
        self.at = end + 1;
        self.json.part(start..end)
    }

    /// `true` or `false`.
    pub fn truth(&mut self) -> Option<bool> {
        let is_true = self.peek()? == b't';
        self.at = skip::word(self.json.bytes(), self.at, if is_true { b"true" } else { b"false" })?;
        Some(is_true)
    }

    /// What `read` reads, or nothing where it is `null`.
    pub fn maybe<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<Option<T>> {
        match self.null() {
            true => Some(None),
            false => read(self).map(Some),
        }
    }

    /// Whether the next value is `null`, which is then behind.
    pub fn null(&mut self) -> bool {
        let is_null = self.peek() == Some(b'n');
        let end = is_null.then(|| skip::word(self.json.bytes(), self.at, b"null")).flatten();
        self.at = end.unwrap_or(self.at);
        end.is_some()
    }

    /// What the next value begins with.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        self.at = skip::spaces(self.json.bytes(), self.at);
        self.json.bytes().get(self.at).copied()
    }

    /// Any value, as it stands there.
    pub fn value(&mut self) -> Option<&'a S> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        self.json.part(start..self.at)
    }

    /// Passes over a value.
    pub fn skip(&mut self) -> Option<()> {
        self.at = skip::value(self.json.bytes(), self.at)?;
        Some(())
    }

    fn within(&mut self, open: u8, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(open)?;
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        if self.takes(close) {
            self.depth -= 1;
            return Some(());
        }
        loop {
            item(self)?;
            if self.takes(b',') {
                continue;
            }
            self.take(close)?;
            break;
        }
        self.depth -= 1;
        Some(())
    }

    #[inline]
    fn take(&mut self, expected: u8) -> Option<()> {
        self.takes(expected).then_some(())
    }

    /// Whether this is what comes next, which is then behind.
    #[inline]
    fn takes(&mut self, expected: u8) -> bool {
        // Mostly nothing is in between.
        let is_next = self.json.bytes().get(self.at) == Some(&expected) || self.peek() == Some(expected);
        self.at += usize::from(is_next);
        is_next
    }
}

#[cfg(test)]
mod tests;
