//! Texts of strangers.

/// Whether a character could end a line or hide what follows: none stands in a text as it is.
pub(crate) fn is_unseen(c: char) -> bool {
    // Line separators, and all that Unicode calls `Bidi_Control`.
    let is_bidi = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_bidi || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}')
}
