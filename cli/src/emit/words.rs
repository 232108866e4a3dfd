//! What the texts say beside their settings: where a block comes from, and why it is there.

use crate::{
    cloud::Cloud,
    files::MARK,
    model::{App, Function},
    shell,
    text::is_unseen,
};

/// The lines that every text begins with.
pub(in crate::emit) fn head(app: &App, what: &str) -> Vec<String> {
    let stage = app.stage.as_deref().map(|stage| format!(", stage `{stage}`")).unwrap_or_default();
    vec![
        format!("{MARK}: {what} of `{}`{stage}.", app.name),
        "Change the source or Cargo.toml, and write it again.".to_owned(),
    ]
}

/// The command that makes what the text speaks of, for the same stage.
pub(in crate::emit) fn package(app: &App, cloud: Cloud) -> String {
    let stage = app.stage.as_deref().map(|stage| format!(" --stage {}", shell::word(stage))).unwrap_or_default();
    format!("cargo omnifn package --target {}{stage}", cloud.name())
}

/// A function and where it stands: `` `settle` (src/lib.rs:44) ``.
pub(super) fn of(function: &Function) -> String {
    format!("`{}` ({})", function.name, function.location)
}

/// The same for several.
pub(super) fn of_all(functions: &[&Function]) -> String {
    functions.iter().map(|function| of(function)).collect::<Vec<_>>().join(", ")
}

/// The lines of a comment: only those that were meant as such.
pub(super) fn lines(words: &str) -> Vec<String> {
    let seen = |line: &str| {
        line.chars().fold(String::with_capacity(line.len()), |mut seen, c| {
            match c {
                c if is_unseen(c) => seen.extend(c.escape_unicode()),
                c => seen.push(c),
            }
            seen
        })
    };
    words.split('\n').map(seen).collect()
}

/// Folds words into lines of at most this width; lines that are indented are commands, and stay whole.
pub(super) fn fold(words: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in self::lines(words) {
        if line.starts_with(' ') {
            lines.push(line);
            continue;
        }
        let mut folded = String::new();
        for word in line.split(' ') {
            if !folded.is_empty() && folded.chars().count() + 1 + word.chars().count() > width {
                lines.push(std::mem::take(&mut folded));
            }
            if !folded.is_empty() {
                folded.push(' ');
            }
            folded.push_str(word);
        }
        lines.push(folded);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_a_line_feed_ends_a_line() {
        assert_eq!(lines("a\rb\u{85}c\u{2028}d\0e"), ["a\\u{d}b\\u{85}c\\u{2028}d\\u{0}e"]);
        assert_eq!(lines("größe €\n  b"), ["größe €", "  b"]);
        assert_eq!(fold("one\rtwo three", 9), ["one\\u{d}two", "three"]);
    }
}
