//! What a log line says, and how a provider wants it written.

mod decimal;
mod ended;
mod journal;
mod json;
mod number;
mod one_line;
mod time;

use std::{
    fmt,
    time::{Duration, SystemTime},
};

pub use decimal::Decimal;
pub use ended::{Answered, Ended};
pub use journal::Journal;
pub use json::{List, Object, write_escaped, write_escaped_shown, write_value};
pub use number::{hex_digits, read_hex, write_unsigned};
pub use one_line::OneLine;
pub use time::write_time;

use crate::{Context, Settings};

/// How grave a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Something failed.
    Error,
    /// Something may fail, or is not as it should be.
    Warn,
    /// What happens.
    Info,
    /// What helps to find a mistake.
    Debug,
    /// Everything.
    Trace,
}

impl Level {
    /// The word for it, in capitals.
    ///
    /// ```
    /// assert_eq!(omnifn_core::log::Level::Warn.name(), "WARN");
    /// ```
    pub const fn name(self) -> &'static str {
        match self {
            Level::Error => "ERROR",
            Level::Warn => "WARN",
            Level::Info => "INFO",
            Level::Debug => "DEBUG",
            Level::Trace => "TRACE",
        }
    }

    /// The level of this name, in any case. `FATAL` is an error.
    pub fn named(name: &str) -> Option<Self> {
        const NAMED: [(&str, Level); 6] = [
            ("error", Level::Error),
            ("fatal", Level::Error),
            ("warn", Level::Warn),
            ("info", Level::Info),
            ("debug", Level::Debug),
            ("trace", Level::Trace),
        ];
        let name = name.trim_ascii();
        NAMED.iter().find(|(known, _)| is_called(known, name)).map(|(_, level)| *level)
    }
}

// Once for all names, of which there is a list.
#[inline(never)]
fn is_called(known: &str, name: &str) -> bool {
    known.eq_ignore_ascii_case(name)
}

/// One line of a log.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct Entry<'e> {
    /// When it was said.
    pub time: SystemTime,
    /// How grave it is.
    pub level: Level,
    /// Who says it: `omnifn`, or the module of a line of the user's own.
    pub target: &'e str,
    /// The name of the error that it tells of.
    pub error_name: Option<&'e str>,
    /// What is said.
    pub message: &'e dyn fmt::Display,
    /// What more is said, by name.
    pub fields: &'e [(&'e str, Value<'e>)],
    /// The invocation that it is about.
    pub context: Option<&'e Context>,
    /// The end of that invocation, where the line tells it.
    pub ended: Option<Ended<'e>>,
}

impl<'e> Entry<'e> {
    /// A line that says only this.
    pub fn new(time: SystemTime, level: Level, message: &'e dyn fmt::Display) -> Self {
        Entry { time, level, target: "omnifn", error_name: None, message, fields: &[], context: None, ended: None }
    }

    /// The request that was answered, where the line tells it.
    pub fn request(&self) -> Option<&Answered<'e>> {
        self.ended.as_ref()?.request.as_ref()
    }

    /// What more is said: what the end of an invocation says, then all else.
    pub fn all_fields(&self) -> impl Iterator<Item = (&'e str, Value<'e>)> {
        self.ended.into_iter().flat_map(|ended| ended.fields()).chain(self.fields.iter().copied())
    }

    /// Writes what is said, piece by piece. That a request was answered is written for each: it need not be shown first.
    pub fn write_message(&self, out: &mut Vec<u8>, write: fn(&str, &mut Vec<u8>)) {
        struct Pieces<'o>(&'o mut Vec<u8>, fn(&str, &mut Vec<u8>));
        impl fmt::Write for Pieces<'_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.1(text, self.0);
                Ok(())
            }
        }
        match self.request() {
            Some(request) => request.write(out, write),
            None => {
                // A vector takes all that is written; what is shown may fail, and then it is as long as it came.
                let _ = fmt::write(&mut Pieces(out, write), format_args!("{}", self.message));
            }
        }
    }
}

impl fmt::Debug for Entry<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("level", &self.level).field("fields", &self.fields).finish_non_exhaustive()
    }
}

/// What a field of a line holds.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'e> {
    /// A text.
    Text(&'e str),
    /// What is shown as a text.
    Shown(&'e dyn fmt::Display),
    /// A number from zero on.
    Unsigned(u64),
    /// A whole number.
    Signed(i64),
    /// What is shown as a number of JSON.
    Number(&'e dyn fmt::Display),
    /// A time, which is written in milliseconds, with one decimal at most.
    Millis(Duration),
    /// True or false.
    Truth(bool),
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Text(text) => text.fmt(f),
            Value::Shown(shown) => write!(f, "{:?}", shown.to_string()),
            Value::Unsigned(number) => number.fmt(f),
            Value::Signed(number) => number.fmt(f),
            Value::Number(number) => write!(f, "{number}"),
            Value::Millis(time) => Decimal::millis(*time).fmt(f),
            Value::Truth(truth) => truth.fmt(f),
        }
    }
}

/// How a provider wants its log lines.
pub trait Format: Send + Sync + 'static {
    /// Writes a line, with its end.
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>);

    /// Writes a line for a reply that carries it (see [`Journal`]).
    fn write_kept(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        self.write(entry, out);
    }

    /// The least grave level that is written; without one, [`Level::Info`], unless `OMNIFN_LOG` says another.
    fn level(&self) -> Option<Level> {
        None
    }

    /// Whether the lines go to standard output, and not to standard error.
    fn to_stdout(&self) -> bool {
        false
    }
}

/// The level that `OMNIFN_LOG` names: `error`, `warn`, `info`, `debug` or `trace`.
pub fn level(settings: &dyn Settings) -> Option<Level> {
    settings.get("OMNIFN_LOG").as_deref().and_then(Level::named)
}

/// A line for eyes: `ERROR omnifn: Panicked function=hello … error="…"`.
///
/// ```
/// use std::time::SystemTime;
/// use omnifn_core::log::{Entry, Format, Level, Plain, Value};
///
/// let mut out = Vec::new();
/// let fields = [("left", Value::Unsigned(3))];
/// let mut entry = Entry::new(SystemTime::UNIX_EPOCH, Level::Warn, &"not all were begun");
/// entry.fields = &fields;
/// Plain.write(&entry, &mut out);
/// assert_eq!(out, b"WARN omnifn: not all were begun left=3\n");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct Plain;

impl Format for Plain {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        write_all(out, &[entry.level.name(), " ", entry.target, ": "]);
        match entry.error_name {
            Some(name) => write_all(out, &[name]),
            None => entry.write_message(out, OneLine::write_text),
        }
        if let Some(context) = entry.context {
            let (provider, function) = (context.provider(), context.function_name());
            write_all(out, &[" provider=", provider, " function=", function, " invocation_id="]);
            write_quoted(out, context.invocation_id());
        }
        entry.all_fields().for_each(|(name, value)| {
            write_all(out, &[" ", name, "="]);
            match value {
                Value::Text(text) => write_quoted(out, text),
                Value::Shown(shown) => write_quoted(out, &format!("{shown}")),
                // As JSON has it.
                value => write_value(&value, out),
            }
        });
        if entry.error_name.is_some() {
            let words = format!("{}", entry.message);
            if !words.is_empty() {
                write_all(out, &[" error="]);
                write_quoted(out, &words);
            }
        }
        out.push(b'\n');
    }
}

// Its callers have lists of several lengths, each of which would be written out there.
#[inline(never)]
fn write_all(out: &mut Vec<u8>, pieces: &[&str]) {
    for piece in pieces {
        out.extend_from_slice(piece.as_bytes());
    }
}

/// Writes a text as `{:?}` has it.
///
/// ```
/// let mut out = Vec::new();
/// omnifn_core::log::write_quoted(&mut out, "a \"cup\"");
/// assert_eq!(out, br#""a \"cup\"""#);
/// ```
pub fn write_quoted(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        out.extend_from_slice(format!("{text:?}").as_bytes());
    }
}
