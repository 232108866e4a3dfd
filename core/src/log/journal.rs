use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Level;

/// The lines of one invocation, kept for a reply that carries them.
///
/// An adapter whose provider takes lines with the reply puts one into the [`Invocation`](crate::Invocation), notes it in its origin,
/// and [takes](Journal::take) the lines when it encodes. Lines that nobody took are written as all others are, and no line waits for a
/// reply that may never be: those of [`Level::Error`] and [`Level::Warn`] are not kept, for they often are the last that a process
/// says. What was kept before such a line is written before it, so that the order holds.
///
/// ```
/// use omnifn_core::log::{Journal, Level};
///
/// let journal = Journal::default();
/// assert!(journal.keep(Level::Info, "INFO two cups", b"{\"level\":\"INFO\"}\n"));
/// // This one is to be written at once, behind those that are due before it.
/// assert!(!journal.keep(Level::Warn, "WARN low on tea", b"{\"level\":\"WARN\"}\n"));
/// assert_eq!(journal.due(), [b"{\"level\":\"INFO\"}\n"]);
///
/// assert!(journal.keep(Level::Info, "INFO one cup", b"{\"level\":\"INFO\"}\n"));
/// assert_eq!(journal.take(), ["INFO one cup"]);
/// // Whoever speaks now comes too late for the reply.
/// assert!(!journal.keep(Level::Info, "late", b"{}\n"));
/// assert!(journal.rest().is_empty());
/// ```
// With its type forgotten: where no provider takes lines, a program is without the code that keeps them.
#[derive(Clone)]
pub struct Journal(Arc<dyn Keep>);

trait Keep: Send + Sync {
    fn lines(&self) -> MutexGuard<'_, Lines>;

    fn keep(&self, level: Level, in_reply: &str, as_written: &[u8]) -> bool;

    fn due(&self) -> Vec<Vec<u8>>;

    fn rest(&self) -> Vec<Vec<u8>>;
}

#[derive(Default)]
struct Lines {
    kept: Vec<Line>,
    size: usize,
    is_closed: bool,
}

struct Line {
    in_reply: String,
    as_written: Vec<u8>,
}

/// What is kept of one invocation at most, in bytes.
const LIMIT: usize = 256 * 1024;

impl Journal {
    /// Keeps a line, in the form for the reply and as it would be written; whether it did. It does not where the line is too grave to
    /// wait, where there are too many, and once the lines were taken: then what is [due](Journal::due) is written, and the line
    /// behind it.
    pub fn keep(&self, level: Level, in_reply: &str, as_written: &[u8]) -> bool {
        self.0.keep(level, in_reply, as_written)
    }

    /// The lines so far, as they are written: no reply carries them any more. Further ones are kept.
    pub fn due(&self) -> Vec<Vec<u8>> {
        self.0.due()
    }

    /// The lines in their form for the reply. From now on none is kept.
    pub fn take(&self) -> Vec<String> {
        self.0.lines().close().into_iter().map(|line| line.in_reply).collect()
    }

    /// The lines that no reply carries, as they are written. From now on none is kept.
    pub fn rest(&self) -> Vec<Vec<u8>> {
        self.0.rest()
    }
}

impl Default for Journal {
    fn default() -> Self {
        Journal(Arc::new(Mutex::<Lines>::default()))
    }
}

impl Keep for Mutex<Lines> {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, level: Level, in_reply: &str, as_written: &[u8]) -> bool {
        let mut lines = self.lines();
        let size = lines.size.saturating_add(in_reply.len()).saturating_add(as_written.len());
        if level <= Level::Warn || lines.is_closed || size > LIMIT {
            return false;
        }
        lines.size = size;
        lines.kept.push(Line { in_reply: in_reply.to_owned(), as_written: as_written.to_vec() });
        true
    }

    fn due(&self) -> Vec<Vec<u8>> {
        let mut lines = self.lines();
        lines.size = 0;
        std::mem::take(&mut lines.kept).into_iter().map(|line| line.as_written).collect()
    }

    fn rest(&self) -> Vec<Vec<u8>> {
        self.lines().close().into_iter().map(|line| line.as_written).collect()
    }
}

impl Lines {
    fn close(&mut self) -> Vec<Line> {
        self.is_closed = true;
        std::mem::take(&mut self.kept)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("lines", &self.0.lines().kept.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_comes_behind_what_was_kept() {
        let journal = Journal::default();
        let long = vec![b'x'; LIMIT - 16];
        assert!(journal.keep(Level::Info, "first", &long));
        assert!(!journal.keep(Level::Info, "second", &long));
        assert_eq!(journal.due(), std::slice::from_ref(&long));
        // There is room again.
        assert!(journal.keep(Level::Info, "third", &long));
        assert_eq!(journal.take(), ["third"]);
    }
}
