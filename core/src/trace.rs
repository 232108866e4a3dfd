use std::fmt;

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
        let mut fields = value.trim().splitn(5, '-');
        let mut field = |digits| {
            fields.next().filter(|field| !field.contains(char::is_uppercase)).and_then(|field| hex(field, digits))
        };
        let (version, trace_id, parent_id, flags) = (field(2)?, field(32)?, field(16)?, field(2)?);
        if version == 0xff || (version == 0 && fields.next().is_some()) {
            return None;
        }
        let trace = TraceContext { trace_id, parent_id: parent_id as u64, sampled: flags & 1 == 1, platforms: false };
        trace.valid().filter(|trace| trace.parent_id != 0)
    }

    /// Reads an AWS X-Ray header (`Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1`).
    /// Without a parent, `parent_id` is `None`. A trace whose sampling is not decided counts as not sampled.
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
        for (key, value) in value.split(';').filter_map(|field| field.trim().split_once('=')) {
            match key {
                "Root" => {
                    let (time, random) = value.strip_prefix("1-")?.split_once('-')?;
                    trace.trace_id = hex(time, 8)? << 96 | hex(random, 24)?;
                }
                "Parent" => trace.parent_id = hex(value, 16)? as u64,
                "Sampled" => trace.sampled = value == "1",
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
        let value = value.trim();
        let (ids, options) = value.split_once(';').unwrap_or((value, ""));
        let (trace_id, span_id) = ids.split_once('/').unwrap_or((ids, "0"));
        TraceContext {
            trace_id: hex(trace_id, 32)?,
            parent_id: span_id.parse().ok()?,
            sampled: options == "o=1",
            platforms: true,
        }
        .valid()
    }

    /// Returns the trace id: 32 lower-case hexadecimal digits.
    pub fn trace_id(&self) -> String {
        format!("{:032x}", self.trace_id)
    }

    /// Returns the id of the caller's span: 16 lower-case hexadecimal digits.
    pub fn parent_id(&self) -> Option<String> {
        (self.parent_id != 0).then(|| format!("{:016x}", self.parent_id))
    }

    /// Returns whether the caller records this trace.
    pub fn sampled(&self) -> bool {
        self.sampled
    }

    /// Returns whether the trace was received in the form of a platform's own tracing instead of the W3C's. Whether such a trace is recorded
    /// is the platform's decision for its own tracing only.
    pub fn is_platforms(&self) -> bool {
        self.platforms
    }

    fn valid(self) -> Option<Self> {
        (self.trace_id != 0).then_some(self)
    }
}

/// Writes the trace as a `traceparent` header.
impl fmt::Display for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{:032x}-{:016x}-{:02x}", self.trace_id, self.parent_id, u8::from(self.sampled))
    }
}

/// Parses exactly `digits` hexadecimal digits, 32 at most.
fn hex(text: &str, digits: usize) -> Option<u128> {
    // `from_str_radix` would take a sign, too.
    let is_hex = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u128::from_str_radix(text, 16).ok().filter(|_| is_hex)
}
