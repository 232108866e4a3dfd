//! Terraform: `${…}` and `%{…}` in a text are replaced, unless the sign stands there twice.
//! ([Strings and templates](https://developer.hashicorp.com/terraform/language/expressions/strings).)

/// A text within a template, of which nothing is replaced.
pub(crate) fn literal(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '$' | '%' => out.push_str(&format!("${{\"{c}\"}}")),
            c => out.push(c),
        }
        out
    })
}

/// An expression that is a text.
pub(crate) fn text(text: &str) -> String {
    quoted(text, false)
}

/// A text in quotes. In one that is a template, `${…}` and `%{…}` are replaced.
pub(crate) fn quoted(text: &str, is_template: bool) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    let mut rest = text.chars().peekable();
    let mut depth = 0_usize;
    while let Some(c) = rest.next() {
        match c {
            '$' | '%' if rest.peek() == Some(&'{') => {
                if is_template {
                    depth += 1;
                    out.push(c);
                    rest.next();
                    out.push('{');
                } else if out.ends_with(c) {
                    // Behind one that is meant, two would be read as another three.
                    out.push_str(&format!("\\u{:04x}", u32::from(c)));
                } else {
                    out.push(c);
                    out.push(c);
                }
            }
            '}' if depth > 0 => {
                depth -= 1;
                out.push(c);
            }
            // What is replaced is an expression, with quotes of its own.
            c if depth > 0 => out.push(c),
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if crate::text::is_unseen(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_they_say() {
        assert_eq!(quoted("a\"b\\ ${x} %{y}\n", false), r#""a\"b\\ $${x} %%{y}\n""#);
        assert_eq!(quoted(r#"${a["x"]}-"q""#, true), r#""${a["x"]}-\"q\"""#);
        assert_eq!(quoted("a\rb\u{85}\u{2028}$${x}", false), r#""a\rb\u0085\u2028$\u0024{x}""#);
        let mixed = format!("${{local.a}}/{}", literal("${evil()}%{x}$"));
        assert_eq!(quoted(&mixed, true), r#""${local.a}/${"$"}{evil()}${"%"}{x}${"$"}""#);
    }
}
