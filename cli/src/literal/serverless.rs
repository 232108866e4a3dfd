//! The Serverless Framework takes `${…}` in values for a variable; a backslash in front keeps it as it is, and of several in front of one
//! half stay. ([How it reads values](https://github.com/oss-serverless/osls/blob/main/lib/configuration/variables/parse.js).) What
//! CloudFormation replaces has none of the framework's forms.

use crate::{error::Result, model::App};

/// Returns a value in which the framework replaces nothing.
///
/// # Errors
/// A `$` stands in front of `${`: the framework has no way to write that.
pub(crate) fn value(app: &App, text: &str) -> Result<String> {
    escaped(text).ok_or_else(|| {
        let why = "has `${` behind a `$`, which the Serverless Framework cannot escape. The formats sam, cloudformation, and terraform can";
        super::refused(app, text, why)
    })
}

fn escaped(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split("${");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let before = out.trim_end_matches('\\');
        if before.ends_with('$') {
            return None;
        }
        let backslashes = out.len() - before.len();
        out.extend(std::iter::repeat_n('\\', backslashes + 1));
        out.push_str("${");
        out.push_str(part);
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn what_the_framework_would_replace_is_kept() {
        for (text, written) in
            [("Hello ${name}", r"Hello \${name}"), (r"\${a} ${b", r"\\\${a} \${b"), (r"$ {a} \ $", r"$ {a} \ $")]
        {
            assert_eq!(escaped(text).as_deref(), Some(written));
        }
        assert_eq!(escaped("$${a}"), None);
        assert_eq!(escaped(r"$\${a}"), None);
    }
}
