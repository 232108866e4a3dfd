//! The names that functions and variables may have.

/// The number of characters that a function's name has at most.
const LONGEST: usize = 63;

/// Checks the name of a function, which every platform accepts unchanged.
///
/// # Errors
/// Returns the rule that the name breaks.
pub fn function(name: &str) -> Result<(), &'static str> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && name.len() <= LONGEST;
    let rule = "expected a letter, then letters, digits, `-`, and `_`, at most 63 characters in total";
    if fits { Ok(()) } else { Err(rule) }
}

/// Checks the name of a variable of the environment.
///
/// # Errors
/// Returns the rule that the name breaks.
pub fn variable(name: &str) -> Result<(), &'static str> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let rule = "expected a letter or `_`, then letters, digits, and `_`";
    if fits { Ok(()) } else { Err(rule) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let longest = "a".repeat(63);
        for good in ["a", "settle", "forget-devices", "Get_2", longest.as_str()] {
            assert_eq!(function(good), Ok(()), "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "2a", "-a", "_a", "../a", "/a", "a/b", "a.b", "ä", "a b", "a\\b", "a\u{1b}", long.as_str()] {
            assert!(function(bad).is_err(), "{bad}");
        }
        for (name, is_good) in
            [("API_KEY", true), ("_a1", true), ("", false), ("1A", false), ("A=B", false), ("Ä", false)]
        {
            assert_eq!(variable(name).is_ok(), is_good, "{name}");
        }
    }
}
