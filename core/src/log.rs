//! What a log line says, and how a provider wants it written.

mod journal;
mod json;

use std::{fmt, io::Write as _, time::SystemTime};

pub use journal::Journal;
pub use json::{List, Object};

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
        let all = [Level::Error, Level::Warn, Level::Info, Level::Debug, Level::Trace];
        let name = if name.trim().eq_ignore_ascii_case("fatal") { "ERROR" } else { name.trim() };
        all.into_iter().find(|level| level.name().eq_ignore_ascii_case(name))
    }
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
    /// The request that was answered, where the line tells that.
    pub request: Option<Answered<'e>>,
}

/// A request that was answered: without its query, which may hold what is no one else's.
#[derive(Debug, Clone, Copy)]
pub struct Answered<'e> {
    /// The method.
    pub method: &'e str,
    /// The path.
    pub path: &'e str,
    /// The status.
    pub status: u16,
}

impl<'e> Entry<'e> {
    /// A line that says only this.
    pub fn new(time: SystemTime, level: Level, message: &'e dyn fmt::Display) -> Self {
        Entry { time, level, target: "omnifn", error_name: None, message, fields: &[], context: None, request: None }
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
    /// A number with a fraction.
    Float(f64),
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
            Value::Float(number) => number.fmt(f),
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
        // A vector takes all that is written.
        let _ = write!(out, "{} {}: ", entry.level.name(), entry.target);
        let _ = match entry.error_name {
            Some(name) => write!(out, "{name}"),
            None => write!(out, "{}", OneLine(entry.message)),
        };
        if let Some(context) = entry.context {
            let (provider, name, id) = (context.provider(), context.function_name(), context.invocation_id());
            let _ = write!(out, " provider={provider} function={name} invocation_id={id:?}");
        }
        for (name, value) in entry.fields {
            let _ = write!(out, " {name}={value:?}");
        }
        if entry.error_name.is_some() {
            let words = entry.message.to_string();
            if !words.is_empty() {
                let _ = write!(out, " error={words:?}");
            }
        }
        out.push(b'\n');
    }
}

/// What is shown on one line, without anything that a terminal would obey: who reads lines has to find each whole.
///
/// ```
/// use omnifn_core::log::OneLine;
///
/// assert_eq!(OneLine(&"two\nlines, \u{1b}[31mred").to_string(), "two\\nlines, \\u{1b}[31mred");
/// ```
#[derive(Clone, Copy)]
pub struct OneLine<'d>(pub &'d dyn fmt::Display);

impl fmt::Debug for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Writer<'f, 'g>(&'f mut fmt::Formatter<'g>);
        impl fmt::Write for Writer<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                let mut rest = text;
                while let Some(at) = rest.find(|c: char| c.is_control() && c != '\t') {
                    let (before, from) = rest.split_at(at);
                    let control = from.chars().next().unwrap_or_default();
                    write!(self.0, "{before}{}", control.escape_default())?;
                    rest = &from[control.len_utf8()..];
                }
                self.0.write_str(rest)
            }
        }
        fmt::write(&mut Writer(f), format_args!("{}", self.0))
    }
}

/// A time as [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) has it, in UTC, without anything allocated.
pub fn write_time(time: SystemTime, out: &mut Vec<u8>) {
    use time::{OffsetDateTime, format_description::well_known::Rfc3339};
    if OffsetDateTime::from(time).format_into(out, &Rfc3339).is_err() {
        out.extend_from_slice(b"1970-01-01T00:00:00Z");
    }
}
