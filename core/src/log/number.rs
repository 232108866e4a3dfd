//! Numbers as `{}` has them, without its machinery where they are of the usual size.

/// A number from zero on.
// A line has several.
#[inline(never)]
pub fn write_unsigned(number: u64, out: &mut Vec<u8>) {
    let digit = |number: u64| b'0' + (number % 10) as u8;
    match number {
        // As many are.
        0..10 => out.push(b'0' + number as u8),
        100..1000 => out.extend_from_slice(&[digit(number / 100), digit(number / 10), digit(number)]),
        _ => out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes()),
    }
}

/// The 16 hexadecimal digits of a number, in small letters.
///
/// ```
/// assert_eq!(&omnifn_core::log::hex_digits(0x0123_4567_89ab_cdef), b"0123456789abcdef");
/// ```
// A line has it several times.
#[inline(never)]
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

/// The number of 16 hexadecimal digits, in small letters.
///
/// ```
/// use omnifn_core::log::read_hex;
///
/// assert_eq!(read_hex(b"0123456789abcdef"), Some(0x0123_4567_89ab_cdef));
/// assert_eq!(read_hex(b"0123456789ABCDEF"), None);
/// ```
pub fn read_hex(digits: &[u8; 16]) -> Option<u64> {
    let (high, low) = digits.split_first_chunk::<8>()?;
    Some(eight_read(*high)? << 32 | eight_read(*low.first_chunk()?)?)
}

/// The way back: each digit to its four bits, then all to their places. What gives other digits was none.
fn eight_read(digits: [u8; 8]) -> Option<u64> {
    let text = u64::from_be_bytes(digits);
    let letters = (text >> 6) & 0x0101_0101_0101_0101;
    let mut bits = ((text & 0x0f0f_0f0f_0f0f_0f0f) + letters * 9) & 0x0f0f_0f0f_0f0f_0f0f;
    bits = (bits | bits >> 4) & 0x00ff_00ff_00ff_00ff;
    bits = (bits | bits >> 8) & 0x0000_ffff_0000_ffff;
    bits = (bits | bits >> 16) & 0xffff_ffff;
    (eight_digits(bits) == digits).then_some(bits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_at_the_edges() {
        for number in (0..1010).chain([u64::MAX]) {
            let mut out = Vec::new();
            write_unsigned(number, &mut out);
            assert_eq!(out, number.to_string().as_bytes());
        }
    }

    proptest! {
        #[test]
        fn every_number_is_as_the_standard_library_writes_it(whole: u64) {
            let mut out = Vec::new();
            write_unsigned(whole, &mut out);
            prop_assert_eq!(out, whole.to_string().into_bytes());
            prop_assert_eq!(hex_digits(whole).to_vec(), format!("{whole:016x}").into_bytes());
            prop_assert_eq!(read_hex(&hex_digits(whole)), Some(whole));
        }

        #[test]
        fn what_is_no_digit_is_none(whole: u64, at in 0..16_usize, byte: u8) {
            let mut digits = hex_digits(whole);
            digits[at] = byte;
            let text = std::str::from_utf8(&digits).ok().filter(|_| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            prop_assert_eq!(read_hex(&digits), text.and_then(|text| u64::from_str_radix(text, 16).ok()));
        }
    }
}
