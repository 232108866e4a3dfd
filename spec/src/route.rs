//! Patterns of paths, in the syntax of [`matchit`](https://docs.rs/matchit) as axum has it: `{name}` is one segment, which text may precede
//! or follow; `{*rest}` is everything that is left; `{{` and `}}` are the braces themselves.

/// Returns the names of a pattern's parameters, in order.
///
/// ```
/// use omnifn_spec::route::parse;
///
/// assert_eq!(parse("/notes/{id}").unwrap(), ["id"]);
/// assert!(parse("/notes/:id").unwrap_err().contains("write `{id}`"));
/// ```
///
/// # Errors
/// The pattern is not well-formed; the error contains what to write instead.
pub fn parse(pattern: &str) -> Result<Vec<String>, String> {
    if let Some(why) = from_elsewhere(pattern) {
        return Err(why);
    }
    if !pattern.starts_with('/') {
        return Err(format!("a path must begin with `/`: write `\"/{pattern}\"`"));
    }
    let mut names: Vec<String> = Vec::new();
    let mut segments = pattern.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let Some((name, whole)) = parameter(segment, pattern)? else { continue };
        let name = match name.strip_prefix('*') {
            Some(name) if segments.peek().is_some() => {
                return Err(format!("`{{*{name}}}` matches the rest of the path: it must be the last segment"));
            }
            Some(name) if !whole => {
                return Err(format!("`{{*{name}}}` matches whole segments: it must be a segment of its own"));
            }
            Some(name) => name,
            None => name,
        };
        let fit = name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        if name.is_empty() {
            return Err(format!(
                "missing name of a parameter in `{pattern}`: write `{{id}}`, or `{{*rest}}` for the rest of the path"
            ));
        }
        if !fit {
            return Err(format!("invalid parameter name `{name}`: expected letters, digits, and `_`"));
        }
        if names.iter().any(|other| other == name) {
            return Err(format!("two parameters have the name `{name}`"));
        }
        names.push(name.to_owned());
    }
    Ok(names)
}

/// Returns a segment's parameter, and whether it is the whole segment. `{{` and `}}` are literal braces.
fn parameter<'a>(segment: &'a str, pattern: &str) -> Result<Option<(&'a str, bool)>, String> {
    let mut found = None;
    let mut rest = segment;
    while let Some(at) = rest.find(['{', '}']) {
        let (brace, after) = (&rest[at..=at], &rest[at + 1..]);
        if after.starts_with(brace) {
            rest = &after[1..];
        } else if brace == "}" {
            return Err(format!(
                "unmatched `}}` in `{pattern}`: a parameter is written `{{id}}`, a literal brace `}}}}`"
            ));
        } else {
            let Some((name, more)) = after.split_once('}') else {
                return Err(format!(
                    "unclosed `{{` in `{pattern}`: a parameter is written `{{id}}`, within one segment"
                ));
            };
            if name.contains('{') {
                return Err(format!(
                    "unclosed `{{` in `{pattern}`: a parameter is written `{{id}}`, within one segment"
                ));
            }
            if found.is_some() {
                return Err(format!("two parameters in one segment, `{segment}`: put a `/` between them"));
            }
            found = Some((name, name.len() + 2 == segment.len()));
            rest = more;
        }
    }
    Ok(found)
}

/// Reports characters that no path contains, and the parameter syntax of other frameworks.
fn from_elsewhere(pattern: &str) -> Option<String> {
    if let Some(c) = pattern.chars().find(|c| c.is_whitespace() || c.is_control()) {
        return Some(format!("invalid character {c:?} in a path: write it percent-encoded"));
    }
    if let Some((path, _)) = pattern.split_once('?') {
        return Some(format!(
            "a path cannot contain a query: write `\"{path}\"`, and take the query as an argument `Query<…>`"
        ));
    }
    if pattern.contains('#') {
        return Some("a path cannot contain a fragment (`#`): browsers do not send it".to_owned());
    }
    for segment in pattern.split('/') {
        let name =
            segment.strip_prefix(':').or_else(|| segment.strip_prefix('<').and_then(|rest| rest.strip_suffix('>')));
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            let name = name.split(':').next().unwrap_or(name);
            return Some(format!("invalid parameter `{segment}`: write `{{{name}}}`"));
        }
        if let Some(name) = segment.strip_prefix('*') {
            let name = if name.is_empty() { "rest" } else { name };
            return Some(format!("invalid wildcard `{segment}`: write `{{*{name}}}`"));
        }
    }
    None
}

/// Returns whether two well-formed patterns are equal but for the names of their parameters, so that they take the same paths.
///
/// ```
/// use omnifn_spec::route::same_shape;
///
/// assert!(same_shape("/notes/{id}", "/notes/{name}"));
/// assert!(!same_shape("/notes/{id}", "/notes/{*rest}"));
/// ```
pub const fn same_shape(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let (mut i, mut j) = (0, 0);
    while i < a.len() && j < b.len() {
        if a[i] != b[j] {
            return false;
        }
        let (parameter_a, parameter_b) = (is_parameter(a, i), is_parameter(b, j));
        if parameter_a != parameter_b {
            return false;
        }
        if parameter_a {
            if (a[i + 1] == b'*') != (b[j + 1] == b'*') {
                return false;
            }
            while i < a.len() && a[i] != b'}' {
                i += 1;
            }
            while j < b.len() && b[j] != b'}' {
                j += 1;
            }
        }
        // Both bytes of an escaped brace at once, so that the second one begins nothing.
        let step = if is_brace(a, i) && is_brace(b, j) { 2 } else { 1 };
        i += step;
        j += step;
    }
    i >= a.len() && j >= b.len()
}

/// Whether a parameter begins here, and not an escaped brace.
const fn is_parameter(pattern: &[u8], at: usize) -> bool {
    at + 1 < pattern.len() && pattern[at] == b'{' && pattern[at + 1] != b'{'
}

/// Whether an escaped brace begins here.
const fn is_brace(pattern: &[u8], at: usize) -> bool {
    at + 1 < pattern.len() && pattern[at] == b'{' && pattern[at + 1] == b'{'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, names) in [
            ("/", &[][..]),
            ("/notes/{id}", &["id"]),
            ("/{a}/b/{c_1}", &["a", "c_1"]),
            ("/files/{*rest}", &["rest"]),
            ("/img/{name}.png", &["name"]),
            ("/{{literal}}", &[]),
        ] {
            assert_eq!(
                parse(pattern).as_deref(),
                Ok(&names.iter().map(ToString::to_string).collect::<Vec<_>>()[..]),
                "{pattern}"
            );
        }
    }

    #[test]
    fn shapes() {
        for (a, b, is_one) in [
            ("/a/{x}", "/a/{y}", true),
            ("/a/{x}", "/a/{*y}", false),
            ("/a/{x}.png", "/a/{long}.png", true),
            ("/a/{x}.png", "/a/{x}.jpg", false),
            ("/a/{x}", "/a", false),
            ("/a/{x}/b", "/a/{x}", false),
            ("/{{x}}", "/{{y}}", false),
            ("/{{x}}", "/{{x}}", true),
            ("/{{x}}", "/{x}", false),
            ("/{{{x}}}", "/{{{y}}}", true),
            ("/{", "/{", true),
        ] {
            assert_eq!((same_shape(a, b), same_shape(b, a)), (is_one, is_one), "{a} {b}");
        }
    }
}
