//! Parses the timestamps in events.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::{OffsetDateTime, UtcOffset, format_description::well_known::Rfc3339};

/// Parses a time in the form of [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339), such as `2026-11-23T05:42:33.163Z`.
///
/// ```
/// use omnifn_core::event::time::{parse, rfc3339};
///
/// let time = parse("2026-11-23T05:42:33.5+01:00").unwrap();
/// assert_eq!(rfc3339(time), "2026-11-23T04:42:33.5Z");
/// assert_eq!(parse("yesterday"), None);
/// ```
pub fn parse(text: &str) -> Option<SystemTime> {
    OffsetDateTime::parse(text.trim(), &Rfc3339).ok().map(SystemTime::from)
}

/// Formats a time in UTC. A time that the form cannot represent (before the year 1 or after 9999) becomes the epoch.
pub fn rfc3339(time: SystemTime) -> String {
    let time = if is_in_range(time) { time } else { UNIX_EPOCH };
    let text = OffsetDateTime::from(time).to_offset(UtcOffset::UTC).format(&Rfc3339);
    text.unwrap_or_else(|_| "1970-01-01T00:00:00Z".to_owned())
}

/// Converts milliseconds since 1970 into a time.
///
/// ```
/// use omnifn_core::event::time::{from_millis, rfc3339};
///
/// assert_eq!(rfc3339(from_millis(1_545_082_649_185).unwrap()), "2018-12-17T21:37:29.185Z");
/// assert_eq!(from_millis(-1), None);
/// ```
pub fn from_millis(millis: i64) -> Option<SystemTime> {
    UNIX_EPOCH.checked_add(Duration::from_millis(u64::try_from(millis).ok()?)).filter(|time| is_in_range(*time))
}

/// Converts seconds since 1970, to the microsecond, into a time; `None` if the number is not a valid time.
pub fn from_seconds(seconds: f64) -> Option<SystemTime> {
    let micros = (seconds * 1e6).round();
    // A time after the year 10000 is not valid anyway, and neither comparison is true for NaN.
    let since = (0.0..1e18).contains(&micros).then(|| Duration::from_micros(micros as u64))?;
    UNIX_EPOCH.checked_add(since).filter(|time| is_in_range(*time))
}

/// Returns the milliseconds since 1970; 0 for an earlier time.
pub fn to_millis(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

/// Whether the form can represent the time: from the year 1 to 9999.
fn is_in_range(time: SystemTime) -> bool {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs() < 253_402_300_800,
        Err(before) => before.duration().as_secs() < 62_135_596_800,
    }
}
