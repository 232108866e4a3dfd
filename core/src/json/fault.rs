//! Why something is no JSON, and where: read once more, for the words of an error.

use std::{borrow::Cow, fmt};

use super::skip;

/// What is wrong with JSON, and where, as `serde_json` would say it.
#[derive(Debug)]
pub struct Fault {
    words: Cow<'static, str>,
    line: usize,
    column: usize,
}

impl Fault {
    /// What is noticed when `behind` bytes of it are read.
    ///
    /// ```
    /// let fault = omnifn_core::json::Fault::new("a number came", b"{\n  \"a\": 1}", 10);
    /// assert_eq!(fault.to_string(), "a number came at line 2 column 8");
    /// ```
    pub fn new(words: impl Into<Cow<'static, str>>, json: &[u8], behind: usize) -> Self {
        let read = json.get(..behind).unwrap_or(json);
        let column = read.iter().rev().take_while(|byte| **byte != b'\n').count();
        let line = 1 + read.iter().filter(|byte| **byte == b'\n').count();
        Fault { words: words.into(), line, column }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.words, self.line, self.column)
    }
}

impl std::error::Error for Fault {}

/// Why this is no JSON; `None` where it is. That its texts are UTF-8 and its numbers can be held is not asked.
///
/// ```
/// let fault = omnifn_core::json::fault(br#"{"count": 1"#).unwrap();
/// assert_eq!(fault.to_string(), "EOF while parsing an object at line 1 column 11");
/// assert!(omnifn_core::json::fault(br#"{"count": 1}"#).is_none());
/// ```
#[cold]
pub fn fault(json: &[u8]) -> Option<Fault> {
    let mut reader = Reader { json, at: 0 };
    let words = reader.whole().err()?;
    Some(Fault::new(words, json, reader.at))
}

/// A place in what may be no JSON. After an error it is behind what was read.
struct Reader<'a> {
    json: &'a [u8],
    at: usize,
}

type Step<T = ()> = Result<T, &'static str>;

const BAD_NUMBER: &str = "invalid number";
const BAD_ESCAPE: &str = "invalid escape";
const OPEN_TEXT: &str = "EOF while parsing a string";
const OPEN_VALUE: &str = "EOF while parsing a value";

impl Reader<'_> {
    fn whole(&mut self) -> Step {
        // What is open, outermost first, by what ends it.
        let mut open = Vec::new();
        loop {
            match self.behind_spaces() {
                None => return Err(OPEN_VALUE),
                Some(first @ (b'{' | b'[')) => {
                    self.at += 1;
                    let close = if first == b'{' { b'}' } else { b']' };
                    match self.behind_spaces() {
                        None => return Err(ended(close)),
                        Some(next) if next == close => self.at += 1,
                        Some(_) => {
                            open.push(close);
                            self.name(close)?;
                            continue;
                        }
                    }
                }
                Some(first) => self.scalar(first)?,
            }
            while let Some(close) = open.last().copied() {
                match self.behind_spaces() {
                    Some(b',') => {
                        self.at += 1;
                        if self.behind_spaces() == Some(close) {
                            return self.peeked("trailing comma");
                        }
                        self.name(close)?;
                        break;
                    }
                    Some(next) if next == close => {
                        self.at += 1;
                        open.pop();
                    }
                    None => return Err(ended(close)),
                    Some(_) if close == b'}' => return self.peeked("expected `,` or `}`"),
                    Some(_) => return self.peeked("expected `,` or `]`"),
                }
            }
            if open.is_empty() {
                return self.behind_spaces().map_or(Ok(()), |_| self.peeked("trailing characters"));
            }
        }
    }

    /// The name of a member and its colon, where what is open is an object.
    fn name(&mut self, close: u8) -> Step {
        if close == b']' {
            return Ok(());
        }
        match self.behind_spaces() {
            Some(b'"') => self.text()?,
            Some(_) => return self.peeked("key must be a string"),
            None => return Err(OPEN_VALUE),
        }
        match self.behind_spaces() {
            Some(b':') => {
                self.at += 1;
                Ok(())
            }
            Some(_) => self.peeked("expected `:`"),
            None => Err(ended(close)),
        }
    }

    fn scalar(&mut self, first: u8) -> Step {
        match first {
            b'"' => self.text(),
            b'n' => self.word(b"null"),
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.peeked("expected value"),
        }
    }

    fn word(&mut self, word: &[u8]) -> Step {
        for expected in word {
            match self.next() {
                Some(next) if next == *expected => {}
                Some(_) => return Err("expected ident"),
                None => return Err(OPEN_VALUE),
            }
        }
        Ok(())
    }

    fn number(&mut self) -> Step {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.next() {
            Some(b'0') if matches!(self.peek(), Some(b'0'..=b'9')) => return self.peeked(BAD_NUMBER),
            Some(b'0'..=b'9') => self.any_digits(),
            Some(_) => return Err(BAD_NUMBER),
            None => return Err(OPEN_VALUE),
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            match self.peek() {
                Some(b'0'..=b'9') => self.any_digits(),
                Some(_) => return self.peeked(BAD_NUMBER),
                None => return Err(OPEN_VALUE),
            }
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            match self.next() {
                Some(b'0'..=b'9') => self.any_digits(),
                Some(_) => return Err(BAD_NUMBER),
                None => return Err(OPEN_VALUE),
            }
        }
        Ok(())
    }

    fn any_digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    /// A text, from its first quote on.
    fn text(&mut self) -> Step {
        self.at += 1;
        loop {
            match self.next() {
                None => return Err(OPEN_TEXT),
                Some(b'"') => return Ok(()),
                Some(0..0x20) => return Err("control character (\\u0000-\\u001F) found while parsing a string"),
                Some(b'\\') => self.escape()?,
                Some(_) => {}
            }
        }
    }

    fn escape(&mut self) -> Step {
        match self.next() {
            None => Err(OPEN_TEXT),
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(()),
            Some(b'u') => match self.json.get(self.at..self.at + 4) {
                None => {
                    self.at = self.json.len();
                    Err(OPEN_TEXT)
                }
                Some(digits) => {
                    self.at += 4;
                    digits.iter().all(u8::is_ascii_hexdigit).then_some(()).ok_or(BAD_ESCAPE)
                }
            },
            Some(_) => Err(BAD_ESCAPE),
        }
    }

    fn behind_spaces(&mut self) -> Option<u8> {
        self.at = skip::spaces(self.json, self.at);
        self.peek()
    }

    fn peek(&self) -> Option<u8> {
        self.json.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let next = self.peek();
        self.at += usize::from(next.is_some());
        next
    }

    /// An error that was seen before what it is about was read.
    fn peeked(&mut self, words: &'static str) -> Step {
        self.next();
        Err(words)
    }
}

/// What is open where all ends.
fn ended(close: u8) -> &'static str {
    if close == b'}' { "EOF while parsing an object" } else { "EOF while parsing a list" }
}
