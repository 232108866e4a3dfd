use std::{
    cell::Cell,
    time::{SystemTime, UNIX_EPOCH},
};

/// As long is a date, as in `Sun, 06 Nov 1994 08:49:37 GMT`.
const LENGTH: usize = 29;

thread_local! {
    /// The second that it was last written for, and how.
    static WRITTEN: Cell<(u64, [u8; LENGTH])> = const { Cell::new((u64::MAX, [0; LENGTH])) };
}

/// Writes the date of now. It is made up once for each second.
pub(super) fn write(out: &mut Vec<u8>) {
    let now = SystemTime::now();
    // Before 1970 a clock is wrong; and httpdate has no years after 9999.
    let second = now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()).min(253_402_300_799);
    let (mut written, mut date) = WRITTEN.get();
    if written != second {
        let text = httpdate::HttpDate::from(UNIX_EPOCH + std::time::Duration::from_secs(second)).to_string();
        written = second;
        if let Ok(text) = text.as_bytes().try_into() {
            date = text;
        }
        WRITTEN.set((written, date));
    }
    out.extend_from_slice(&date);
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
}
