//! Words for a shell, in commands that are printed and never run.

use crate::text::is_unseen;

/// A word, quoted where a shell would read it as something else.
pub(crate) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/.-_+:@=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    if text.contains(is_unseen) {
        // What no quotes show, or what would end a comment, is written by its number.
        let escaped = text.chars().fold(String::new(), |mut out, c| {
            match c {
                '\n' => out.push_str("\\n"),
                '\'' | '\\' => out.extend(['\\', c]),
                c if is_unseen(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => out.push(c),
            }
            out
        });
        return format!("$'{escaped}'");
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn a_word_stays_one_word() {
        for (text, written) in [
            ("target/omnifn/aws/shop.zip", "target/omnifn/aws/shop.zip"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(rm)", "'$(rm)'"),
            ("a;b", "'a;b'"),
            ("it's\na\r\\", r"$'it\'s\na\u000d\\'"),
        ] {
            assert_eq!(word(text), written);
        }
    }
}
