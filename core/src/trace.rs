use std::fmt;

use http::HeaderValue;

use crate::log::{hex_digits, read_hex, read_unsigned};

/// The trace that an invocation is part of, in the terms of [W3C Trace Context](https://www.w3.org/TR/trace-context/).
///
/// ```
/// use omnifn_core::TraceContext;
///
/// let trace = TraceContext::from_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").unwrap();
/// assert!(trace.sampled());
/// assert_eq!(trace.parent_id().as_deref(), Some("b7ad6b7169203331"));
/// assert_eq!(trace.to_string(), "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TraceContext {
    trace_id: u128,
    parent_id: u64,
    sampled: bool,
    platforms: bool,
}

impl TraceContext {
    /// Reads a `traceparent` header. Of a later version the known fields are read. One with upper-case
    /// digits is ignored, as the specification asks.
    pub fn from_traceparent(value: &str) -> Option<Self> {
        TraceContext::read(value.trim().as_bytes())
    }

    /// The same of a header as it came.
    pub fn from_header(value: &HeaderValue) -> Option<Self> {
        // It needs not be a text first: no other bytes than digits and dashes are taken. As long as nearly all are, it has no more.
        match value.as_bytes() {
            exact if exact.len() == EXACT => TraceContext::read(exact),
            other => TraceContext::read(other.trim_ascii()),
        }
    }

    fn read(value: &[u8]) -> Option<Self> {
        let (known, more) = value.split_first_chunk::<EXACT>()?;
        let word = |at: usize| read_hex(known.get(at..)?.first_chunk()?);
        // The first byte and the last, in one.
        let mut ends = *b"0000000000000000";
        ends[12..14].copy_from_slice(&known[..2]);
        ends[14..].copy_from_slice(&known[EXACT - 2..]);
        let ends = read_hex(&ends)?;
        let (version, flags) = (ends >> 8, ends & 0xff);
        let complete = more.is_empty() || (version != 0 && more.starts_with(b"-"));
        if version == 0xff || !complete || [2, 35, 52].map(|at| known[at]) != [b'-'; 3] {
            return None;
        }
        let trace_id = u128::from(word(3)?) << 64 | u128::from(word(19)?);
        let trace = TraceContext { trace_id, parent_id: word(36)?, sampled: flags & 1 == 1, platforms: false };
        trace.valid().filter(|trace| trace.parent_id != 0)
    }

    /// Reads an AWS X-Ray header (`Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1`).
    /// A missing parent is none; sampling that is not decided here counts as not sampled.
    ///
    /// ```
    /// use omnifn_core::TraceContext;
    ///
    /// let trace = TraceContext::from_xray("Root=1-67891233-abcdef012345678912345678;Sampled=1").unwrap();
    /// assert_eq!(trace.trace_id(), "67891233abcdef012345678912345678");
    /// assert_eq!(trace.parent_id(), None);
    /// ```
    pub fn from_xray(value: &str) -> Option<Self> {
        let mut trace = TraceContext { trace_id: 0, parent_id: 0, sampled: false, platforms: true };
        // Byte for byte: where this comes at all, each invocation has one.
        for field in value.as_bytes().split(|byte| *byte == b';') {
            let Some((key, value)) = halves(field.trim_ascii(), b'=') else { continue };
            match key {
                b"Root" => {
                    let (time, random) = halves(value.strip_prefix(b"1-")?, b'-')?;
                    trace.trace_id = hex(time, 8)? << 96 | hex(random, 24)?;
                }
                b"Parent" => trace.parent_id = hex(value, 16)? as u64,
                b"Sampled" => trace.sampled = value == b"1",
                _ => {}
            }
        }
        trace.valid()
    }

    /// Reads Google's `X-Cloud-Trace-Context` header (`TRACE_ID/SPAN_ID;o=1`, the span in decimal).
    ///
    /// ```
    /// use omnifn_core::TraceContext;
    ///
    /// let trace = TraceContext::from_cloud_trace("105445aa7843bc8bf206b12000100000/255;o=1").unwrap();
    /// assert_eq!(trace.parent_id().as_deref(), Some("00000000000000ff"));
    /// ```
    pub fn from_cloud_trace(value: &str) -> Option<Self> {
        let value = value.as_bytes().trim_ascii();
        let (ids, options) = halves(value, b';').unwrap_or((value, b""));
        let (trace_id, span_id) = halves(ids, b'/').unwrap_or((ids, b"0"));
        TraceContext {
            trace_id: hex(trace_id, 32)?,
            parent_id: read_unsigned(std::str::from_utf8(span_id).ok()?)?,
            sampled: options == b"o=1",
            platforms: true,
        }
        .valid()
    }

    /// The trace id: 32 lower-case hexadecimal digits.
    pub fn trace_id(&self) -> String {
        text(&self.trace_digits())
    }

    /// The same, as a log line takes it.
    pub fn trace_digits(&self) -> [u8; 32] {
        let mut digits = [0; 32];
        digits[..16].copy_from_slice(&hex_digits((self.trace_id >> 64) as u64));
        digits[16..].copy_from_slice(&hex_digits(self.trace_id as u64));
        digits
    }

    /// The id of the span that called: 16 lower-case hexadecimal digits.
    pub fn parent_id(&self) -> Option<String> {
        self.parent_digits().map(|digits| text(&digits))
    }

    /// The same, as a log line takes it.
    pub fn parent_digits(&self) -> Option<[u8; 16]> {
        (self.parent_id != 0).then(|| hex_digits(self.parent_id))
    }

    /// Whether the caller records this trace.
    pub fn sampled(&self) -> bool {
        self.sampled
    }

    /// Whether it came in the form of a platform's own tracing, and not in that of the W3C: whether such a trace is recorded is
    /// the platform's decision for its own tracing alone.
    pub fn is_platforms(&self) -> bool {
        self.platforms
    }

    fn valid(self) -> Option<Self> {
        (self.trace_id != 0).then_some(self)
    }
}

/// The length of a `traceparent` header that holds what is known of it.
const EXACT: usize = 55;

/// As a `traceparent` header.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.parent_id, u8::from(self.sampled))
    }
}

fn text(digits: &[u8]) -> String {
    std::str::from_utf8(digits).unwrap_or_default().to_owned()
}

/// What stands before the first of these bytes, and behind it.
fn halves(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = text.iter().position(|byte| *byte == at)?;
    Some((text.get(..place)?, text.get(place + 1..)?))
}

/// Exactly `digits` hexadecimal digits: 32 at most.
fn hex(text: &[u8], digits: usize) -> Option<u128> {
    if text.len() != digits {
        return None;
    }
    // Half of a trace's id fits a machine's word; `from_str_radix` multiplies by 16 in two, and looks for an overflow each time.
    let (high, low) = text.split_at_checked(digits.saturating_sub(16))?;
    Some(u128::from(word(high)?) << 64 | u128::from(word(low)?))
}

/// What each byte is as a hexadecimal digit; 16 what is none.
const DIGITS: [u8; 256] = {
    let mut digits = [16; 256];
    let mut value = 0;
    while value < 16 {
        digits[b"0123456789abcdef"[value] as usize] = value as u8;
        digits[b"0123456789ABCDEF"[value] as usize] = value as u8;
        value += 1;
    }
    digits
};

/// 16 digits at most.
#[inline(never)]
fn word(digits: &[u8]) -> Option<u64> {
    let (word, all) = digits.iter().fold((0, 0), |(word, all), digit| {
        let value = DIGITS[usize::from(*digit)];
        (word << 4 | u64::from(value), all | value)
    });
    (all < 16).then_some(word)
}
