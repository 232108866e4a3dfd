//! The AWS CLI: its shorthand ends a value at a comma or a brace, and takes quotes off. JSON does not. (A value inside either of them is
//! never read from a file, as a whole argument `file://…` is.)

use serde_json::json;

/// Returns variables as the value of `--environment`: in shorthand, or as JSON if a value would be read otherwise there.
/// ([Shorthand](https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-shorthand.html).)
pub(crate) fn variables(all: &[(&str, String)]) -> String {
    let is_plain =
        |value: &str| !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || "-_./:<>@+".contains(c));
    if all.iter().all(|(_, value)| is_plain(value)) {
        let pairs: Vec<_> = all.iter().map(|(name, value)| format!("{name}={value}")).collect();
        return format!("Variables={{{}}}", pairs.join(","));
    }
    let variables: serde_json::Map<_, _> = all.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    json!({ "Variables": variables }).to_string()
}

#[cfg(test)]
mod tests {
    use super::variables;

    #[test]
    fn a_value_that_the_shorthand_would_read_otherwise_is_in_json() {
        let of = |value: &str| variables(&[("A", value.to_owned()), ("B", "2".to_owned())]);
        for plain in ["file:///etc/passwd", "a-b_c", "<KEY>"] {
            assert_eq!(of(plain), format!("Variables={{A={plain},B=2}}"));
        }
        for value in ["", "a,B=3", "a b", "'a'", "\"a\"", "{x}", "[1,2]", "a=b", "a\nb", "\\", "ü", "$x", "~"] {
            let read: serde_json::Value = serde_json::from_str(&of(value)).expect("JSON");
            assert_eq!(read, serde_json::json!({"Variables": {"A": value, "B": "2"}}), "{value:?}");
        }
    }
}
