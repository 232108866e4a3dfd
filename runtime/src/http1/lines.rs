use std::ops::Range;

use bytes::Bytes;
use memchr::memchr;

use super::head::{Bad, HEADERS};

pub(super) const NOT_WHOLE: Bad = Bad::Syntax("its head is not whole");
pub(super) const NO_NAME: Bad = Bad::Syntax("the name of a header is none");
pub(super) const NO_VALUE: Bad = Bad::Syntax("the value of a header is none");

/// The lines of a head, or of trailers, one after the other.
///
/// A line is what stands before its end, which is CRLF or LF alone. What may stand in a name and in a value is the crate `http`'s to
/// say, which lets neither CR nor NUL into them.
pub(super) struct Lines<'h> {
    head: &'h Bytes,
    next: usize,
    fields: usize,
}

impl<'h> Lines<'h> {
    pub(super) fn of(head: &'h Bytes) -> Self {
        Lines { head, next: 0, fields: 0 }
    }

    /// The next line, and where it begins.
    pub(super) fn next(&mut self) -> Result<(usize, &'h [u8]), Bad> {
        let start = self.next;
        let rest = &self.head[start..];
        let length = memchr(b'\n', rest).ok_or(NOT_WHOLE)?;
        self.next = start + length + 1;
        let line = &rest[..length];
        Ok((start, line.strip_suffix(b"\r").unwrap_or(line)))
    }

    /// The next header line, its name as it came; nothing where all were read.
    pub(super) fn field(&mut self) -> Result<Option<(&'h [u8], Bytes)>, Bad> {
        let (start, line) = self.next()?;
        if line.is_empty() {
            // Two who find the end of a head are to agree about it.
            return if self.next == self.head.len() { Ok(None) } else { Err(NOT_WHOLE) };
        }
        if self.fields == HEADERS {
            return Err(Bad::TooManyHeaders);
        }
        self.fields += 1;
        let colon = line.iter().position(|byte| *byte == b':').ok_or(NO_NAME)?;
        let value = trimmed(&line[colon + 1..]);
        let start = start + colon + 1 + value.start;
        Ok(Some((&line[..colon], self.head.slice(start..start + value.len()))))
    }
}

/// Where a value stands, without the blanks around it.
fn trimmed(mut value: &[u8]) -> Range<usize> {
    while let [before @ .., b' ' | b'\t'] = value {
        value = before;
    }
    let end = value.len();
    while let [b' ' | b'\t', behind @ ..] = value {
        value = behind;
    }
    end - value.len()..end
}
