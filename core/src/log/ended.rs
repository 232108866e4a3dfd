use std::{fmt, time::Duration};

use super::{Value, write_unsigned};

/// The end of an invocation, which each has one line for.
#[derive(Debug, Clone, Copy)]
pub struct Ended<'e> {
    /// How long it took.
    pub took: Duration,
    /// Whether it was the first in its process.
    pub cold_start: bool,
    /// How many requests or records failed.
    pub failed: u64,
    /// How many records there were, where it was a delivery.
    pub records: Option<u64>,
    /// The request that was answered, where it was one.
    pub request: Option<Answered<'e>>,
}

impl<'e> Ended<'e> {
    /// What it says, by name.
    pub fn fields(&self) -> impl Iterator<Item = (&'e str, Value<'e>)> + use<'e> {
        let always = [
            ("duration_ms", Value::Millis(self.took)),
            ("cold_start", Value::Truth(self.cold_start)),
            ("failed", Value::Unsigned(self.failed)),
        ];
        always.into_iter().chain(self.records.map(|records| ("records", Value::Unsigned(records))))
    }
}

/// A request that was answered: without its query, which may hold what is no one else's.
///
/// ```
/// use omnifn_core::log::Answered;
///
/// assert_eq!(Answered { method: "GET", path: "/a", status: 200 }.to_string(), "GET /a → 200");
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Answered<'e> {
    /// The method.
    pub method: &'e str,
    /// The path.
    pub path: &'e str,
    /// The status.
    pub status: u16,
}

impl Answered<'_> {
    /// The same words as those that are shown, the path by `write`: nothing else in them can need an escape, for a method is a token
    /// (RFC 9110, 5.6.2).
    #[inline]
    pub fn write(&self, out: &mut Vec<u8>, write: impl FnOnce(&str, &mut Vec<u8>)) {
        out.extend_from_slice(self.method.as_bytes());
        out.push(b' ');
        write(self.path, out);
        out.extend_from_slice(" → ".as_bytes());
        write_unsigned(self.status.into(), out);
    }
}

impl fmt::Display for Answered<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} → {}", self.method, self.path, self.status)
    }
}
