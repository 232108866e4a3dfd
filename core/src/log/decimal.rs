use std::{fmt, time::Duration};

use super::write_unsigned;

/// A time as a number with decimals, without the zeros at its end; `{:.1}` keeps one. It takes no code for floats, which is large.
///
/// ```
/// use std::time::Duration;
/// use omnifn_core::log::Decimal;
///
/// let took = Duration::from_micros(12_340);
/// assert_eq!(Decimal::millis(took).to_string(), "12.3");
/// assert_eq!(Decimal::seconds(took).to_string(), "0.0123");
/// assert_eq!(format!("{:.1}", Decimal::seconds(Duration::from_secs(30))), "30.0");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decimal {
    tenths: u64,
    in_seconds: bool,
}

impl Decimal {
    /// In milliseconds, to a tenth.
    pub fn millis(time: Duration) -> Self {
        Decimal { tenths: tenths(time), in_seconds: false }
    }

    /// In seconds, to a tenth of a millisecond.
    pub fn seconds(time: Duration) -> Self {
        Decimal { tenths: tenths(time), in_seconds: true }
    }

    /// Writes it, with this many places behind the point at least.
    pub fn write(&self, places: u32, out: &mut Vec<u8>) {
        let digit = |number: u64| b'0' + (number % 10) as u8;
        if !self.in_seconds {
            write_unsigned(self.tenths / 10, out);
            if places > 0 || !self.tenths.is_multiple_of(10) {
                out.extend_from_slice(&[b'.', digit(self.tenths)]);
            }
            return;
        }
        write_unsigned(self.tenths / 10_000, out);
        let rest = self.tenths % 10_000;
        let behind = [b'.', digit(rest / 1000), digit(rest / 100), digit(rest / 10), digit(rest)];
        let used = behind.iter().rposition(|digit| *digit != b'0').unwrap_or_default().max(places.min(4) as usize);
        if used > 0 {
            out.extend_from_slice(&behind[..=used]);
        }
    }
}

/// Tenths of a millisecond.
fn tenths(time: Duration) -> u64 {
    let rest = (u64::from(time.subsec_nanos()) + 50_000) / 100_000;
    time.as_secs().saturating_mul(10_000).saturating_add(rest)
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        self.write(f.precision().map_or(0, |places| places.min(4) as u32), &mut out);
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_number_that_a_float_is() {
        // A half is one only here: a float that should be one is a little more, or less.
        let some = (0..100_000).step_by(37).filter(|micros| micros % 100 != 50);
        for micros in some.chain([999_951, 999_949, 1_000_000, 61_000_000, 86_400_000_000]) {
            let time = Duration::from_micros(micros);
            let millis = (time.as_secs_f64() * 1e4).round() / 10.0;
            assert_eq!(Decimal::millis(time).to_string(), millis.to_string(), "{time:?}");
            assert_eq!(format!("{:.1}", Decimal::millis(time)), format!("{millis:.1}"), "{time:?}");
            assert_eq!(Decimal::seconds(time).to_string().parse(), Ok((millis * 10.0).round() / 1e4), "{time:?}");
        }
        assert_eq!(Decimal::seconds(Duration::MAX).to_string(), "1844674407370955.1615");
    }
}
