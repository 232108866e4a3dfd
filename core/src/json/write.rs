//! Writes JSON while a document is read, so that no tree of its values is kept in memory.

use std::io;

/// Writes a list. `next` writes an element, or returns `None` and writes nothing if there is no other element.
///
/// ```
/// let (mut out, mut numbers) = (Vec::new(), [1, 2].iter());
/// omnifn_core::json::write_list(&mut out, |out| numbers.next().map(|n| serde_json::to_writer(out, n)).transpose()).unwrap();
/// assert_eq!(out, b"[1,2]");
/// ```
///
/// # Errors
/// The first error that `next` returns.
pub fn write_list<E>(out: &mut Vec<u8>, mut next: impl FnMut(&mut Vec<u8>) -> Result<Option<()>, E>) -> Result<(), E> {
    out.push(b'[');
    let start = out.len();
    while next(out)?.is_some() {
        out.push(b',');
    }
    // The comma after the last element.
    out.truncate(out.len().saturating_sub(1).max(start));
    out.push(b']');
    Ok(())
}

/// An object that is written member by member.
///
/// ```
/// let mut out = Vec::new();
/// let mut members = omnifn_core::json::Members::begin(&mut out)?;
/// members.name("count")?.extend_from_slice(b"2");
/// members.end()?;
/// assert_eq!(out, br#"{"count":2}"#);
/// # std::io::Result::Ok(())
/// ```
#[derive(Debug)]
pub struct Members<'o, W> {
    out: &'o mut W,
    is_empty: bool,
}

impl<'o, W: io::Write> Members<'o, W> {
    /// Begins an object.
    ///
    /// # Errors
    /// The writer failed.
    pub fn begin(out: &'o mut W) -> io::Result<Self> {
        out.write_all(b"{")?;
        Ok(Members { out, is_empty: true })
    }

    /// Returns whether no member has been written.
    pub fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Writes the name of a member, and returns the writer for its value.
    ///
    /// # Errors
    /// The writer failed.
    pub fn name(&mut self, name: &str) -> io::Result<&mut W> {
        if !self.is_empty {
            self.out.write_all(b",")?;
        }
        self.is_empty = false;
        serde_json::to_writer(&mut *self.out, name)?;
        self.out.write_all(b":")?;
        Ok(self.out)
    }

    /// Ends the object.
    ///
    /// # Errors
    /// The writer failed.
    pub fn end(self) -> io::Result<()> {
        self.out.write_all(b"}")
    }
}
