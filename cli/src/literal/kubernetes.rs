//! Kubernetes, and so Knative and `kn`: variables in the value of a variable are replaced.

/// Returns a value in which Kubernetes replaces nothing: it reads `$(NAME)` as another variable, and `$$` as `$`.
/// ([The rule](https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/#environment-variables).)
pub(crate) fn value(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        out.push(c);
        if c == '$' && matches!(rest.peek(), Some('(' | '$')) {
            out.push('$');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::value;

    /// Kubernetes' own rule, for variables that exist.
    fn expanded(text: &str) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(&rest[..at]);
            rest = &rest[at + 1..];
            if let Some(behind) = rest.strip_prefix('$') {
                out.push('$');
                rest = behind;
            } else if let Some((_, behind)) = rest.strip_prefix('(').and_then(|inner| inner.split_once(')')) {
                out.push_str("REPLACED");
                rest = behind;
            } else {
                out.push('$');
            }
        }
        out + rest
    }

    #[test]
    fn a_value_is_what_it_says() {
        for text in ["$(A)", "a$$b", "$$(A)", "$", "$5", "$$$", "x$(A)$$", "$)($", "$$$(A)(B)"] {
            assert_eq!(expanded(&value(text)), text, "{text}: {}", value(text));
        }
        assert_eq!(value("$5 and $(A)"), "$5 and $$(A)");
    }
}
