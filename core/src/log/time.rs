use std::{cell::Cell, time::SystemTime};

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
        // With the zeros before it, for it is one digit longer.
        let mut text = itoa::Buffer::new();
        let digits = text.format(1_000_000_000 + u64::from(nanos)).as_bytes();
        let last = digits.iter().rposition(|digit| *digit != b'0').unwrap_or_default();
        out.push(b'.');
        out.extend_from_slice(digits.get(1..=last).unwrap_or_default());
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
// Six times for a second, which is written once.
#[inline(never)]
fn digits(text: &mut [u8], mut number: u64) {
    for place in text.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

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
