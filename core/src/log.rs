//! What a log line says, and how a provider wants it written.

mod decimal;
mod journal;
mod json;
mod number;
mod one_line;

use std::{
    cell::Cell,
    fmt,
    io::Write as _,
    time::{Duration, SystemTime},
};

pub use decimal::Decimal;
pub use journal::Journal;
pub use json::{List, Object, write_escaped, write_escaped_shown, write_value};
pub use number::{hex_digits, write_unsigned};
pub use one_line::OneLine;

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
    /// The same, where it is a text already: what is written for each invocation need not be shown first.
    pub text: Option<&'e str>,
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
        Entry {
            time,
            level,
            target: "omnifn",
            error_name: None,
            message,
            text: None,
            fields: &[],
            context: None,
            request: None,
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
        for part in [entry.level.name(), " ", entry.target, ": "] {
            out.extend_from_slice(part.as_bytes());
        }
        match entry.error_name {
            Some(name) => out.extend_from_slice(name.as_bytes()),
            None => OneLine(entry.message).write(out),
        }
        if let Some(context) = entry.context {
            for part in [" provider=", context.provider(), " function=", context.function_name(), " invocation_id="] {
                out.extend_from_slice(part.as_bytes());
            }
            quoted(out, context.invocation_id());
        }
        for (name, value) in entry.fields {
            out.push(b' ');
            out.extend_from_slice(name.as_bytes());
            out.push(b'=');
            match value {
                Value::Text(text) => quoted(out, text),
                Value::Truth(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
                value => {
                    let _ = write!(out, "{value:?}");
                }
            }
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

/// A text as `{:?}` has it.
fn quoted(out: &mut Vec<u8>, text: &str) {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\') {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        let _ = write!(out, "{text:?}");
    }
}

/// A time as [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339) has it, in UTC, without anything allocated. One that the form
/// cannot hold (before 1970, behind 9999) is that of the epoch.
pub fn write_time(time: SystemTime, out: &mut Vec<u8>) {
    const LAST: u64 = 253_402_300_799;
    thread_local! {
        /// The second that was written last: the lines of a busy program share most of them.
        static SECOND: Cell<(u64, [u8; 19])> = const { Cell::new((0, *b"1970-01-01T00:00:00")) };
    }
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let (seconds, nanos) = if since.as_secs() > LAST { (0, 0) } else { (since.as_secs(), since.subsec_nanos()) };
    let (last, text) = SECOND.get();
    if seconds == last {
        out.extend_from_slice(&text);
    } else {
        let text = second(seconds);
        SECOND.set((seconds, text));
        out.extend_from_slice(&text);
    }
    if nanos > 0 {
        let mut text = *b".000000000";
        digits(&mut text[1..], nanos.into());
        let end = text.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
        out.extend_from_slice(&text[..end]);
    }
    out.push(b'Z');
}

/// A second as text, to which its fraction is added.
fn second(seconds: u64) -> [u8; 19] {
    let mut text = *b"0000-00-00T00:00:00";
    let (year, month, day) = date(seconds / 86_400);
    let of_day = seconds % 86_400;
    digits(&mut text[..4], year);
    for (at, number) in [(5, month), (8, day), (11, of_day / 3600), (14, of_day / 60 % 60), (17, of_day % 60)] {
        digits(&mut text[at..at + 2], number);
    }
    text
}

/// Year, month and day of a day since 1970, in years that begin in March, so that the leap day is the last:
/// <https://howardhinnant.github.io/date_algorithms.html#civil_from_days>.
fn date(day: u64) -> (u64, u64, u64) {
    let day = day + 719_468;
    let (era, of_era) = (day / 146_097, day % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// As many of the last digits of a number as there is room for.
fn digits(text: &mut [u8], mut number: u64) {
    for place in text.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::time::rfc3339;

    #[test]
    fn a_time_is_as_another_writes_it() {
        let day = Duration::from_secs(86_400);
        let ends = [0, 59, 253_402_300_799].map(Duration::from_secs);
        let of_days = (0..120_000).map(|number| day * (number * 24) + Duration::from_millis(u64::from(number) * 7));
        let fractions = [1, 10, 100_000_000, 123_456_789, 999_999_999].map(Duration::from_nanos);
        for since in ends.into_iter().chain(of_days).chain(fractions) {
            let time = SystemTime::UNIX_EPOCH + since;
            let mut out = Vec::new();
            write_time(time, &mut out);
            assert_eq!(String::from_utf8_lossy(&out), rfc3339(time));
        }
        for outside in [SystemTime::UNIX_EPOCH - day, SystemTime::UNIX_EPOCH + Duration::from_secs(253_402_300_800)] {
            let mut out = Vec::new();
            write_time(outside, &mut out);
            assert_eq!(out, b"1970-01-01T00:00:00Z");
        }
    }
}
