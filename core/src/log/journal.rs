use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

/// The lines of one invocation, kept for a reply that carries them.
///
/// An adapter whose provider takes lines with the reply puts one into the [`Invocation`](crate::Invocation), notes it in its origin,
/// and [takes](Journal::take) the lines when it encodes. Lines that nobody took are written as all others are.
///
/// ```
/// use omnifn_core::log::Journal;
///
/// let journal = Journal::default();
/// assert!(journal.keep("WARN low on tea", b"{\"level\":\"WARN\"}\n"));
/// assert_eq!(journal.take(), ["WARN low on tea"]);
/// // Whoever speaks now comes too late for the reply.
/// assert!(!journal.keep("late", b"{}\n"));
/// assert!(journal.rest().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Lines>>);

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

/// What is kept of one invocation at most, in bytes. What more is said is written at once.
const LIMIT: usize = 256 * 1024;

impl Journal {
    /// Keeps a line, in the form for the reply and as it would be written; whether it did. It does not once the lines were taken, or
    /// where there are too many.
    pub fn keep(&self, in_reply: &str, as_written: &[u8]) -> bool {
        let mut lines = self.lines();
        let size = lines.size.saturating_add(in_reply.len()).saturating_add(as_written.len());
        if lines.is_closed || size > LIMIT {
            return false;
        }
        lines.size = size;
        lines.kept.push(Line { in_reply: in_reply.to_owned(), as_written: as_written.to_vec() });
        true
    }

    /// The lines in their form for the reply. From now on none is kept.
    pub fn take(&self) -> Vec<String> {
        self.close().into_iter().map(|line| line.in_reply).collect()
    }

    /// The lines that no reply carries, as they are written. From now on none is kept.
    pub fn rest(&self) -> Vec<Vec<u8>> {
        self.close().into_iter().map(|line| line.as_written).collect()
    }

    fn close(&self) -> Vec<Line> {
        let mut lines = self.lines();
        lines.is_closed = true;
        std::mem::take(&mut lines.kept)
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("lines", &self.lines().kept.len()).finish_non_exhaustive()
    }
}
