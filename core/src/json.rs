//! The JSON that a platform writes, read in one pass and without copies; and texts in the JSON that it gets.
//!
//! [`Scanner`] reads the usual, and gives up at anything else: `None` says no more than that `serde_json` has to look at the message, for
//! the value or for the error. What it does read is what `serde_json` would have read; the tests hold it to that.

mod escape;
mod plain;
mod skip;
mod write;

use std::borrow::Cow;

pub use write::write_text;

/// How deep a value may be nested. Deeper ones are not usual.
const DEPTH: u8 = 32;

/// A place in a text of JSON.
///
/// ```
/// use omnifn_core::json::Scanner;
///
/// let mut scanner = Scanner::new(r#"{"id": "7", "more": [1, {}], "note": null}"#);
/// let (mut id, mut note) = (None, None);
/// scanner.object(|scanner, name| {
///     match name {
///         "id" => id = scanner.text_or_null()?,
///         "note" => note = scanner.text_or_null()?,
///         _ => scanner.skip()?,
///     }
///     Some(())
/// });
/// assert!(scanner.end().is_some());
/// assert_eq!((id.as_deref(), note), (Some("7"), None));
/// ```
#[derive(Debug, Clone)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
    depth: u8,
}

impl<'a> Scanner<'a> {
    /// The beginning of a text.
    pub fn new(text: &'a str) -> Self {
        Scanner { text, at: 0, depth: 0 }
    }

    /// Whether nothing follows but white space.
    pub fn end(mut self) -> Option<()> {
        self.peek().is_none().then_some(())
    }

    /// An object: `field` is given each name, and reads its value. A name that is written with an escape is not usual.
    pub fn object(&mut self, mut field: impl FnMut(&mut Self, &'a str) -> Option<()>) -> Option<()> {
        self.within(b'{', b'}', |scanner| {
            scanner.take(b'"')?;
            let name = scanner.without_escapes()?;
            scanner.take(b':')?;
            field(scanner, name)
        })
    }

    /// A list: `element` reads each value.
    pub fn list(&mut self, mut element: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.within(b'[', b']', &mut element)
    }

    /// A text: a part of the whole, or one of its own where it has escapes.
    pub fn text(&mut self) -> Option<Cow<'a, str>> {
        self.take(b'"')?;
        let start = self.at;
        let end = plain::special(self.text.as_bytes(), start);
        match self.text.as_bytes().get(end)? {
            b'"' => {
                self.at = end + 1;
                self.text.get(start..end).map(Cow::Borrowed)
            }
            _ => {
                let (text, end) = escape::text(self.text, start)?;
                self.at = end;
                Some(Cow::Owned(text))
            }
        }
    }

    /// A text, or nothing where it is `null`.
    pub fn text_or_null(&mut self) -> Option<Option<Cow<'a, str>>> {
        match self.null() {
            true => Some(None),
            false => self.text().map(Some),
        }
    }

    /// Whether the next value is `null`, which is then behind.
    pub fn null(&mut self) -> bool {
        let end = self.peek().and_then(|_| skip::word(self.text.as_bytes(), self.at, b"null"));
        self.at = end.unwrap_or(self.at);
        end.is_some()
    }

    /// What the next value begins with.
    pub fn peek(&mut self) -> Option<u8> {
        self.at = skip::spaces(self.text.as_bytes(), self.at);
        self.text.as_bytes().get(self.at).copied()
    }

    /// Any value, as it stands there.
    pub fn value(&mut self) -> Option<&'a str> {
        self.peek()?;
        let start = self.at;
        self.skip()?;
        self.text.get(start..self.at)
    }

    /// Passes over a value.
    pub fn skip(&mut self) -> Option<()> {
        self.at = skip::value(self.text, self.at)?;
        Some(())
    }

    fn within(&mut self, open: u8, close: u8, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(open)?;
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        if self.peek()? == close {
            self.at += 1;
        } else {
            loop {
                item(self)?;
                let next = self.peek()?;
                self.at += 1;
                match next {
                    b',' => {}
                    next if next == close => break,
                    _ => return None,
                }
            }
        }
        self.depth -= 1;
        Some(())
    }

    fn take(&mut self, expected: u8) -> Option<()> {
        let next = self.peek()?;
        self.at += 1;
        (next == expected).then_some(())
    }

    fn without_escapes(&mut self) -> Option<&'a str> {
        let start = self.at;
        let end = plain::special(self.text.as_bytes(), start);
        self.at = end + 1;
        self.text.get(start..end).filter(|_| self.text.as_bytes().get(end) == Some(&b'"'))
    }
}

#[cfg(test)]
mod tests;
