//! Paths in printed commands: `az` reads the file that a word beginning with `@` names, and every program takes `-` for an option.

use std::path::Path;

use crate::shell;

/// Returns a path as a word of a command.
pub(crate) fn word(path: &Path) -> String {
    shell::word(&plain(path))
}

/// Returns a path that no command takes for anything else.
pub(crate) fn plain(path: &Path) -> String {
    let path = path.to_string_lossy();
    let is_read_otherwise = path.starts_with(['-', '@', '~']);
    if is_read_otherwise { format!("./{path}") } else { path.into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_no_option_and_no_file_to_read() {
        for (path, written) in [
            ("@a/b.zip", "./@a/b.zip"),
            ("-x/b.zip", "./-x/b.zip"),
            ("a/@b", "a/@b"),
            ("/a b", "'/a b'"),
            ("~/a", "'./~/a'"),
        ] {
            assert_eq!(word(Path::new(path)), written);
        }
    }
}
