//! Bicep: `${…}` in a text is replaced, unless a backslash stands in front. (The compiler itself escapes a `[` in front, which begins an
//! expression in a template of Azure Resource Manager.)
//! ([Strings](https://learn.microsoft.com/azure/azure-resource-manager/bicep/data-types#strings).)

/// Returns a text in quotes, of which nothing is replaced.
pub(crate) fn text(text: &str) -> String {
    template(&text.replace('\\', "\\\\").replace("${", "\\${"))
}

/// Returns a text for a template, of which nothing is replaced.
pub(crate) fn literal(text: &str) -> String {
    text.replace('\\', "\\\\").replace('$', "\\$")
}

/// Returns a template in quotes: a quote in it is escaped, except those within what is replaced.
pub(crate) fn template(text: &str) -> String {
    let (mut out, mut depth, mut before, mut is_escaped) = ("'".to_owned(), 0_usize, ' ', false);
    for c in text.chars() {
        match c {
            '{' if before == '$' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '\'' if depth == 0 => out.push('\\'),
            _ => {}
        }
        match c {
            '\n' => out.push_str("\\n"),
            c if crate::text::is_unseen(c) => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
        // An escaped `$` begins no expression.
        before = if is_escaped { ' ' } else { c };
        is_escaped = c == '\\' && !is_escaped;
    }
    out.push('\'');
    out
}
