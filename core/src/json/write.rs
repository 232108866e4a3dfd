use super::plain::until_special;

/// Writes a text, quoted and escaped as `serde_json` does it.
///
/// ```
/// let mut out = Vec::new();
/// omnifn_core::json::write_text(&mut out, "say \"hi\"\n");
/// assert_eq!(out, br#""say \"hi\"\n""#);
/// ```
pub fn write_text(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    out.reserve(rest.len() + 2);
    out.push(b'"');
    loop {
        let (plain, from) = rest.split_at(until_special(rest));
        out.extend_from_slice(plain);
        let Some((byte, behind)) = from.split_first() else { break };
        escape(out, *byte);
        rest = behind;
    }
    out.push(b'"');
}

/// Writes a byte of ASCII that cannot stand for itself.
fn escape(out: &mut Vec<u8>, byte: u8) {
    let letter = match byte {
        b'"' | b'\\' => byte,
        b'\n' => b'n',
        b'\r' => b'r',
        b'\t' => b't',
        0x08 => b'b',
        0x0c => b'f',
        _ => {
            let digit = |half: u8| char::from_digit(u32::from(half), 16).map_or(b'0', |digit| digit as u8);
            return out.extend_from_slice(&[b'\\', b'u', b'0', b'0', digit(byte >> 4), digit(byte & 0xf)]);
        }
    };
    out.extend_from_slice(&[b'\\', letter]);
}
