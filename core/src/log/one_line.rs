use std::fmt;

/// What is shown on one line, without anything that a terminal would obey: who reads lines has to find each whole.
///
/// ```
/// use omnifn_core::log::OneLine;
///
/// assert_eq!(OneLine(&"two\nlines, \u{1b}[31mred").to_string(), "two\\nlines, \\u{1b}[31mred");
/// ```
#[derive(Clone, Copy)]
pub struct OneLine<'d>(pub &'d dyn fmt::Display);

impl fmt::Debug for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        struct Writer<'f, 'g>(&'f mut fmt::Formatter<'g>);
        impl fmt::Write for Writer<'_, '_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                clean(text, &mut |piece| self.0.write_str(piece))
            }
        }
        fmt::write(&mut Writer(f), format_args!("{}", self.0))
    }
}

impl OneLine<'_> {
    /// Writes it.
    pub fn write(&self, out: &mut Vec<u8>) {
        struct Writer<'o>(&'o mut Vec<u8>);
        impl fmt::Write for Writer<'_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                OneLine::write_text(text, self.0);
                Ok(())
            }
        }
        // A vector takes all that is written; what is shown may fail, and then it is as long as it came.
        let _ = fmt::write(&mut Writer(out), format_args!("{}", self.0));
    }

    /// Writes a text so.
    pub fn write_text(text: &str, out: &mut Vec<u8>) {
        // A vector takes all that is written.
        let _ = clean(text, &mut |piece| {
            out.extend_from_slice(piece.as_bytes());
            Ok(())
        });
    }
}

/// Gives the pieces of a text, control characters in their escaped form.
fn clean(text: &str, give: &mut dyn FnMut(&str) -> fmt::Result) -> fmt::Result {
    // Most texts are plain: without the control characters of ASCII, and without 0xc2, which others begin with.
    if text.bytes().all(|byte| byte >= 0x20 && byte != 0x7f && byte != 0xc2) {
        return give(text);
    }
    for c in text.chars() {
        if c.is_control() && c != '\t' {
            for c in c.escape_default() {
                give(c.encode_utf8(&mut [0; 4]))?;
            }
        } else {
            give(c.encode_utf8(&mut [0; 4]))?;
        }
    }
    Ok(())
}
