//! Numbers as `{}` has them, without its machinery where they are of the usual size.

use std::io::Write as _;

/// A number from zero on.
pub fn write_unsigned(mut number: u64, out: &mut Vec<u8>) {
    if number < 10 {
        return out.push(b'0' + number as u8);
    }
    // 20 digits are enough for the largest.
    let mut text = [0; 20];
    let mut first = text.len();
    for place in text.iter_mut().rev() {
        *place = b'0' + (number % 10) as u8;
        first -= 1;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&text[first..]);
}

/// A number with a fraction. One of up to four places, as the lines of invocations have them, is known from its ten thousandths: no
/// other number of up to fifteen digits is as near to it.
pub(crate) fn write_float(number: f64, out: &mut Vec<u8>) {
    const PLACES: f64 = 10_000.0;
    const MOST: f64 = 1e10;
    if number.is_sign_positive() && number < MOST {
        // Of signed numbers, for those are what processors make floats of.
        let scaled = (number * PLACES + 0.5) as i64;
        if scaled as f64 / PLACES == number {
            let scaled = scaled.unsigned_abs();
            write_unsigned(scaled / 10_000, out);
            let fraction = scaled % 10_000;
            if fraction > 0 {
                let digit = |unit: u64| b'0' + (fraction / unit % 10) as u8;
                let text = [b'.', digit(1000), digit(100), digit(10), digit(1)];
                let end = text.iter().rposition(|digit| *digit != b'0').map_or(0, |last| last + 1);
                out.extend_from_slice(&text[..end]);
            }
            return;
        }
    }
    // A vector takes all that is written.
    let _ = write!(out, "{number}");
}

/// A number with one place behind the point, as `{:.1}` has it.
pub fn write_tenths(number: f64, out: &mut Vec<u8>) {
    let tenths = (number * 10.0 + 0.5) as u64;
    if number.is_sign_positive() && number < 1e14 && tenths as f64 / 10.0 == number {
        write_unsigned(tenths / 10, out);
        out.extend_from_slice(&[b'.', b'0' + (tenths % 10) as u8]);
    } else {
        // A vector takes all that is written.
        let _ = write!(out, "{number:.1}");
    }
}

/// The 16 hexadecimal digits of a number, in small letters.
///
/// ```
/// assert_eq!(&omnifn_core::log::hex_digits(0x0123_4567_89ab_cdef), b"0123456789abcdef");
/// ```
pub fn hex_digits(number: u64) -> [u8; 16] {
    let (mut digits, (high, low)) = ([0; 16], (number >> 32, number & 0xffff_ffff));
    digits[..8].copy_from_slice(&eight_digits(high));
    digits[8..].copy_from_slice(&eight_digits(low));
    digits
}

/// Those of 32 bits, all at once: each four of them in a byte of their own, then all made letters and digits.
fn eight_digits(mut bits: u64) -> [u8; 8] {
    bits = (bits | bits << 16) & 0x0000_ffff_0000_ffff;
    bits = (bits | bits << 8) & 0x00ff_00ff_00ff_00ff;
    bits = (bits | bits << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let letters = ((bits + 0x0606_0606_0606_0606) >> 4) & 0x0101_0101_0101_0101;
    (bits + 0x3030_3030_3030_3030 + letters * u64::from(b'a' - b'0' - 10)).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn float(number: f64) -> String {
        let mut out = Vec::new();
        write_float(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    fn tenths(number: f64) -> String {
        let mut out = Vec::new();
        write_tenths(number, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn numbers_at_the_edges() {
        for number in [0, 1, 9, 10, 99, 100, u64::MAX] {
            let mut out = Vec::new();
            write_unsigned(number, &mut out);
            assert_eq!(out, number.to_string().as_bytes());
        }
        let edges = [0.0, -0.0, -1.5, 0.1, 0.00005, 0.3, 0.0001, 1e10, 9_999_999_999.999_9, 1e300, 5e-324, f64::NAN];
        for number in edges.into_iter().chain([f64::INFINITY, f64::NEG_INFINITY, 123_456.7, 0.30000000000000004]) {
            assert_eq!((float(number), tenths(number)), (number.to_string(), format!("{number:.1}")));
        }
    }

    proptest! {
        #[test]
        fn every_number_is_as_the_standard_library_writes_it(number: f64, count in 0u64..1_000_000_000_000, whole: u64) {
            for number in [number, count as f64 / 10.0, count as f64 / 10_000.0, count as f64 / 100_000.0, 1.0 / count as f64] {
                prop_assert_eq!(float(number), number.to_string());
                prop_assert_eq!(tenths(number), format!("{number:.1}"));
            }
            let mut out = Vec::new();
            write_unsigned(whole, &mut out);
            prop_assert_eq!(out, whole.to_string().into_bytes());
            prop_assert_eq!(hex_digits(whole).to_vec(), format!("{whole:016x}").into_bytes());
        }
    }
}
