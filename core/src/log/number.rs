//! Numbers as `{}` has them, without its machinery where they are of the usual size.

/// A number from zero on.
pub fn write_unsigned(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
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

    #[test]
    fn numbers_at_the_edges() {
        for number in [0, 1, 9, 10, 99, 100, u64::MAX] {
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
        }
    }
}
