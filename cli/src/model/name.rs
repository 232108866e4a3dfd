//! Which names there are: those of functions by the rule of `#[function]`, those of packages by cargo's.

/// How many letters a function's name has at most.
const LONGEST: usize = 63;

/// Why this cannot be the name of a function; `None` where it can.
pub(crate) fn wrong_function(name: &str) -> Option<&'static str> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        && name.len() <= LONGEST;
    let why = "a name begins with a letter, goes on with letters, digits, `-` and `_`, and has at most 63 of them";
    (!fits).then_some(why)
}

/// Why this cannot be the name of a package; `None` where it can.
pub(crate) fn wrong_package(name: &str) -> Option<&'static str> {
    let fits = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    let why = "a name begins with a letter or `_`, and goes on with letters, digits, `-` and `_`";
    (!fits).then_some(why)
}

/// Why this cannot be the name of a variable; `None` where it can.
pub(crate) fn wrong_variable(name: &str) -> Option<&'static str> {
    let fits = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let why = "the name of a variable begins with a letter or `_`, and goes on with letters, digits and `_`";
    (!fits).then_some(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let longest = "a".repeat(63);
        for good in ["a", "settle", "forget-devices", "Get_2", longest.as_str()] {
            assert_eq!(wrong_function(good), None, "{good}");
        }
        let long = "a".repeat(64);
        for bad in ["", "2a", "-a", "_a", "../a", "/a", "a/b", "a.b", "ä", "a b", "a\\b", "a\u{1b}", long.as_str()] {
            assert!(wrong_function(bad).is_some(), "{bad}");
        }
        for (variable, is_good) in
            [("API_KEY", true), ("_a1", true), ("", false), ("1A", false), ("A=B", false), ("Ä", false)]
        {
            assert_eq!(wrong_variable(variable).is_none(), is_good, "{variable}");
        }
        for good in ["shop", "_shop", "shop-2", "käse"] {
            assert_eq!(wrong_package(good), None, "{good}");
        }
        for bad in ["", "2a", "-a", "..", "../a", "/a", "C:a", "a\\b", "a b", "a\n"] {
            assert!(wrong_package(bad).is_some(), "{bad}");
        }
    }
}
