//! Words for a shell, in commands that are printed and never run.

/// A word, quoted where a shell would read it as something else.
pub(crate) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/.-_+:@=,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
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
        ] {
            assert_eq!(word(text), written);
        }
    }
}
