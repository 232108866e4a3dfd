//! Log lines: their fields, and the format of each provider.

use std::{
    borrow::Cow,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use serde::{Serialize, Serializer};
use serde_json::Value;
pub use tracing_core::Level;

pub use crate::cut::{cut, cut_to, message};
use crate::{Context, Settings};

/// A line of the log: a `tracing` event, with the invocation it belongs to.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Entry<'e> {
    /// The time of the event.
    pub time: SystemTime,
    /// The level of the event.
    pub level: Level,
    /// The target of the event: `omnifn`, or a module of the user's program.
    pub target: &'e str,
    /// The message.
    pub message: String,
    /// The name of the error that the line reports, if omnifn reports one.
    pub error: Option<String>,
    /// The request that was answered, if the line reports the end of one.
    pub request: Option<Request>,
    /// The other fields of the event, then those of the enclosing spans.
    pub fields: Vec<(&'static str, Value)>,
    /// The invocation that the line belongs to.
    pub context: Option<Context>,
}

/// The request that a line reports the end of. Its path is without the query, which may contain secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The status of the response.
    pub status: u16,
}

impl<'e> Entry<'e> {
    /// Creates a line of omnifn's own, without fields.
    pub fn new(time: SystemTime, level: Level, message: impl Into<String>) -> Self {
        let message = message.into();
        Entry { time, level, target: "omnifn", message, error: None, request: None, fields: Vec::new(), context: None }
    }

    /// Returns the field of this name.
    pub fn field(&self, name: &str) -> Option<&Value> {
        self.fields.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Returns the duration of the invocation in milliseconds, if the line reports its end.
    pub fn duration_ms(&self) -> Option<f64> {
        self.field("duration_ms").filter(|_| self.target == "omnifn")?.as_f64()
    }

    /// Returns the fields to be serialized into a JSON object, for `#[serde(flatten)]`. A line without a [`Context`] may have the id of
    /// its invocation as a field, which gets the provider's own name for it.
    pub fn members(&self, invocation_id: &'static str) -> Members<'_> {
        Members { fields: &self.fields, invocation_id }
    }
}

/// The fields of a line, to be serialized into a JSON object: see [`Entry::members`].
#[derive(Debug, Clone, Copy)]
pub struct Members<'e> {
    fields: &'e [(&'static str, Value)],
    invocation_id: &'static str,
}

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let named = |name| if name == "invocation_id" { self.invocation_id } else { name };
        serializer.collect_map(self.fields.iter().map(|(name, value)| (named(*name), value)))
    }
}

/// The format of the log lines of a provider.
pub trait Format: Send + Sync + 'static {
    /// Writes a line, with its line break.
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>);

    /// Writes a line for a reply that carries it (see [`Journal`]).
    fn write_for_reply(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        self.write(entry, out);
    }

    /// Returns the level that the platform is configured to log at, if it has such a setting. `OMNIFN_LOG` and `RUST_LOG` take
    /// precedence; the default is [`Level::INFO`].
    fn level(&self) -> Option<Level> {
        None
    }

    /// Returns whether a line shows the text of an error that the caller received, which may quote the request. The default is `false`; it
    /// is for a log that only the developer reads.
    fn shows_rejections(&self) -> bool {
        false
    }

    /// Returns whether lines go to standard output instead of standard error.
    fn to_stdout(&self) -> bool {
        false
    }
}

/// Parses the name of a level, in upper or lower case. `FATAL` is an error.
///
/// ```
/// use omnifn_core::log::{Level, level};
///
/// assert_eq!(level(" Warn"), Some(Level::WARN));
/// assert_eq!(level("FATAL"), Some(Level::ERROR));
/// assert_eq!(level("loud"), None);
/// ```
pub fn level(name: &str) -> Option<Level> {
    let name = name.trim_ascii();
    if name.eq_ignore_ascii_case("fatal") { Some(Level::ERROR) } else { name.parse().ok() }
}

/// Returns the level that `OMNIFN_LOG` is set to: `error`, `warn`, `info`, `debug` or `trace`.
pub fn configured_level(settings: &dyn Settings) -> Option<Level> {
    settings.get("OMNIFN_LOG").as_deref().and_then(level)
}

/// Writes a line of JSON.
pub fn write_json(line: &impl Serialize, out: &mut Vec<u8>) {
    let start = out.len();
    match serde_json::to_writer(&mut *out, line) {
        Ok(()) => out.push(b'\n'),
        // Serialization does not fail here. If it did, half a line would be worse than none.
        Err(_) => out.truncate(start),
    }
}

/// Escapes control characters other than tabs, so that a message stays on one line and cannot control a terminal.
///
/// ```
/// use omnifn_core::log::one_line;
///
/// assert_eq!(one_line("two\nlines, \u{1b}[31mred"), "two\\nlines, \\u{1b}[31mred");
/// ```
pub fn one_line(text: &str) -> Cow<'_, str> {
    let is_escaped = |c: char| c.is_control() && c != '\t';
    if !text.contains(is_escaped) {
        return text.into();
    }
    let mut line = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_escaped(c) { line.extend(c.escape_default()) } else { line.push(c) }
    }
    line.into()
}

/// Formats human-readable lines: `ERROR omnifn: Panicked function=hello … error="…"`.
///
/// ```
/// use std::time::SystemTime;
/// use omnifn_core::log::{Entry, Format, Level, Plain};
///
/// let mut out = Vec::new();
/// let mut entry = Entry::new(SystemTime::UNIX_EPOCH, Level::WARN, "low on tea");
/// entry.fields = vec![("left", 3.into())];
/// Plain.write(&entry, &mut out);
/// assert_eq!(out, b"WARN omnifn: low on tea left=3\n");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain;

impl Plain {
    /// Formats a line without its invocation and without a line break.
    pub fn text(entry: &Entry<'_>) -> String {
        Plain::with(entry, None)
    }

    fn with(entry: &Entry<'_>, context: Option<&Context>) -> String {
        let message = entry.error.as_deref().unwrap_or(&entry.message);
        let mut line = format!("{} {}: {}", entry.level, entry.target, one_line(message));
        if let Some(context) = context {
            let (provider, function) = (context.provider(), context.function_name());
            line += &format!(" provider={provider} function={function} invocation_id={:?}", context.invocation_id());
        }
        for (name, value) in &entry.fields {
            match value {
                Value::String(text) => line += &format!(" {name}={text:?}"),
                value => line += &format!(" {name}={value}"),
            }
        }
        if entry.error.is_some() && !entry.message.is_empty() {
            line += &format!(" error={:?}", entry.message);
        }
        line
    }
}

impl Format for Plain {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(Plain::with(entry, entry.context.as_ref()).as_bytes());
        out.push(b'\n');
    }
}

/// The lines of one invocation, kept for a reply that carries them.
///
/// An adapter whose provider reads lines in the reply puts a journal into the [`Invocation`](crate::Invocation), keeps a clone in its
/// origin, and [takes](Journal::take) the lines when it encodes the reply. Lines that no reply carries are written like all others.
/// Errors and warnings are not kept, because they are often the last lines of a process, and the reply may never be sent. Lines that
/// were kept before such a line are written before it, so that the order is preserved.
///
/// ```
/// use omnifn_core::log::{Journal, Level};
///
/// let journal = Journal::default();
/// assert!(journal.keep(Level::INFO, "INFO two cups", b"{\"level\":\"INFO\"}\n"));
/// // A warning must be written at once, after the lines before it.
/// assert!(!journal.keep(Level::WARN, "WARN low on tea", b"{\"level\":\"WARN\"}\n"));
/// assert_eq!(journal.due(), [b"{\"level\":\"INFO\"}\n"]);
///
/// assert!(journal.keep(Level::INFO, "INFO one cup", b"{\"level\":\"INFO\"}\n"));
/// assert_eq!(journal.take(), ["INFO one cup"]);
/// // The reply was encoded: later lines are not kept.
/// assert!(!journal.keep(Level::INFO, "late", b"{}\n"));
/// assert!(journal.rest().is_empty());
/// ```
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Kept>>);

#[derive(Default)]
struct Kept {
    /// Each line in two forms: for the reply, and for the log.
    lines: Vec<(String, Vec<u8>)>,
    size: usize,
    is_closed: bool,
}

impl Journal {
    /// The largest size of the lines kept for one invocation, in bytes.
    const LIMIT: usize = 256 * 1024;

    /// Keeps a line, in its form for the reply and as it would be written, and returns whether it did. Errors and warnings, lines beyond
    /// the limit, and lines after the reply was encoded are not kept: the caller must write the [due](Journal::due) lines, and then
    /// this one.
    pub fn keep(&self, level: Level, in_reply: &str, as_written: &[u8]) -> bool {
        let mut kept = self.lock();
        let size = kept.size.saturating_add(in_reply.len()).saturating_add(as_written.len());
        if level <= Level::WARN || kept.is_closed || size > Journal::LIMIT {
            return false;
        }
        kept.size = size;
        kept.lines.push((in_reply.to_owned(), as_written.to_vec()));
        true
    }

    /// Returns the lines kept so far, as they are written. No reply carries them any more; further lines are kept.
    pub fn due(&self) -> Vec<Vec<u8>> {
        let mut kept = self.lock();
        kept.size = 0;
        std::mem::take(&mut kept.lines).into_iter().map(|(_, line)| line).collect()
    }

    /// Returns the kept lines in their form for the reply. No further lines are kept.
    pub fn take(&self) -> Vec<String> {
        self.close().into_iter().map(|(line, _)| line).collect()
    }

    /// Returns the lines that no reply carried, as they are written. No further lines are kept.
    pub fn rest(&self) -> Vec<Vec<u8>> {
        self.close().into_iter().map(|(_, line)| line).collect()
    }

    fn close(&self) -> Vec<(String, Vec<u8>)> {
        let mut kept = self.lock();
        kept.is_closed = true;
        std::mem::take(&mut kept.lines)
    }

    fn lock(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal").field("lines", &self.lock().lines.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_beyond_the_limit_follow_those_that_were_kept() {
        let journal = Journal::default();
        let long = vec![b'x'; Journal::LIMIT - 16];
        assert!(journal.keep(Level::INFO, "first", &long));
        assert!(!journal.keep(Level::INFO, "second", &long));
        assert_eq!(journal.due(), std::slice::from_ref(&long));
        // The journal has room again.
        assert!(journal.keep(Level::INFO, "third", &long));
        assert_eq!(journal.take(), ["third"]);
    }

    #[test]
    fn every_text_is_one_line_of_json() {
        let all: String = (0..0x250).filter_map(char::from_u32).chain("\u{2028}🦀".chars()).collect();
        let mut entry = Entry::new(SystemTime::UNIX_EPOCH, Level::INFO, &*all);
        entry.fields = vec![("text", all.as_str().into()), ("most", u64::MAX.into()), ("invocation_id", "7".into())];
        let mut out = Vec::new();
        write_json(&entry.members("requestId"), &mut out);
        assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 1);
        let read: Value = serde_json::from_slice(&out).expect("JSON");
        assert_eq!((&read["text"], &read["most"]), (&all.as_str().into(), &u64::MAX.into()));
        assert_eq!(read["requestId"], "7");
        assert!(!Plain::text(&entry).contains(|c: char| c.is_control() && c != '\t'));
    }
}
