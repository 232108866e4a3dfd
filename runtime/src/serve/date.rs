use std::{
    cell::Cell,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use omnifn_core::event::time::rfc3339;

/// As long is a date, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
const LENGTH: usize = 29;

thread_local! {
    /// The second that it was last written for, and how.
    static WRITTEN: Cell<(u64, [u8; LENGTH])> = const { Cell::new((u64::MAX, [0; LENGTH])) };
}

/// Writes the date of now. It is made up once for each second.
pub(super) fn write(out: &mut Vec<u8>) {
    let now = SystemTime::now();
    // Before 1970 a clock is wrong.
    let second = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (mut written, mut date) = WRITTEN.get();
    if written != second {
        (written, date) = (second, of_second(second));
        WRITTEN.set((written, date));
    }
    out.extend_from_slice(&date);
}

/// The date of a second since 1970.
fn of_second(second: u64) -> [u8; LENGTH] {
    const DAYS: &[u8] = b"ThuFriSatSunMonTueWed";
    const MONTHS: &[u8] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    // As in the log: 1994-11-06T08:49:37Z
    let text = rfc3339(UNIX_EPOCH + Duration::from_secs(second)).into_bytes();
    let day = (second / 86_400 % 7) as usize;
    let month = usize::from((text[5] - b'0') * 10 + text[6] - b'1');
    let mut date = *b"Thu, 01 Jan 1970 00:00:00 GMT";
    for (at, part) in [
        (0, &DAYS[3 * day..][..3]),
        (5, &text[8..10]),
        (8, &MONTHS[3 * month..][..3]),
        (12, &text[..4]),
        (17, &text[11..19]),
    ] {
        date[at..at + part.len()].copy_from_slice(part);
    }
    date
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_date_of_now() {
        for _ in 0..3 {
            let before = SystemTime::now();
            let mut out = Vec::new();
            write(&mut out);
            let written = httpdate::parse_http_date(std::str::from_utf8(&out).unwrap()).unwrap();
            let apart = before.duration_since(written).unwrap_or_default().as_secs();
            assert!(out.len() == LENGTH && apart <= 1, "{apart}");
        }
    }

    #[test]
    fn any_second_is_written_as_another_writes_it() {
        for day in 0..120_000 {
            let second = day * 86_400 + day % 86_400;
            let expected = httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(second));
            assert_eq!(String::from_utf8_lossy(&of_second(second)), expected);
        }
    }
}
