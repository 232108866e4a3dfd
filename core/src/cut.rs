//! The length of texts from outside in log lines and in errors.

use std::borrow::Cow;

/// Returns the beginning of a text from outside, such as an id or a path, so that it takes at most a kilobyte in a log line or an attribute.
///
/// ```
/// assert_eq!(omnifn_core::log::cut("short"), "short");
/// assert_eq!(omnifn_core::log::cut(&"x".repeat(2000)).len(), 1024);
/// ```
pub fn cut(text: &str) -> &str {
    cut_to(text, 1024)
}

/// Returns the beginning of a text that takes at most this many bytes when it is written. What must be escaped takes six.
pub fn cut_to(text: &str, limit: usize) -> &str {
    let mut left = limit;
    let end = text.char_indices().find_map(|(at, c)| {
        let width = if c.is_control() || matches!(c, '"' | '\\') { 6 } else { c.len_utf8() };
        match left.checked_sub(width) {
            Some(rest) => {
                left = rest;
                None
            }
            None => Some(at),
        }
    });
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Returns a message for the log: the beginning of a long one, and its length.
///
/// ```
/// use omnifn_core::log::message;
///
/// assert_eq!(message("short"), "short");
/// assert!(message(&"x".repeat(5000)).ends_with("xxx… (5000 bytes)"));
/// ```
pub fn message(text: &str) -> Cow<'_, str> {
    match cut_to(text, 4096) {
        short if short.len() == text.len() => Cow::Borrowed(short),
        start => format!("{start}… ({} bytes)", text.len()).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_cut_at_a_character() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"x".repeat(1024)).len(), 1024);
        // Each character has three bytes.
        assert_eq!(cut(&"☕".repeat(1024)), "☕".repeat(341));
        // Each character is escaped when it is written.
        assert_eq!(cut(&"\u{1}".repeat(1024)), "\u{1}".repeat(170));
    }
}
