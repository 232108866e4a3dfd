//! Bicep's language: values and declarations.

use crate::literal::bicep;

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// An expression, as it is.
    Raw(String),
    /// A text; nothing in it is replaced.
    Text(String),
    /// A text in which `${…}` is replaced.
    Template(String),
    /// A list, one element a line.
    List(Vec<Value>),
    /// An object, one entry a line; a key of several lines is a comment.
    Object(Vec<(String, Value)>),
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Raw(number.to_string())
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Value::Raw(flag.to_string())
    }
}

pub(super) fn raw(expression: impl Into<String>) -> Value {
    Value::Raw(expression.into())
}

pub(super) fn template(text: impl Into<String>) -> Value {
    Value::Template(text.into())
}

/// An object, in this order.
pub(super) fn object<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Object(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

impl Value {
    /// The same object with one entry more.
    #[must_use]
    pub(super) fn with(self, key: &str, value: impl Into<Value>) -> Value {
        let mut entries = match self {
            Value::Object(entries) => entries,
            _ => Vec::new(),
        };
        entries.push((key.to_owned(), value.into()));
        Value::Object(entries)
    }

    fn write(&self, text: &mut String, depth: usize) {
        match self {
            Value::Raw(expression) => text.push_str(expression),
            Value::Text(value) => text.push_str(&bicep::text(value)),
            Value::Template(value) => text.push_str(&bicep::template(value)),
            Value::List(items) if items.is_empty() => text.push_str("[]"),
            Value::Object(entries) if entries.is_empty() => text.push_str("{}"),
            Value::List(items) => {
                text.push_str("[\n");
                for item in items {
                    indent(text, depth + 1);
                    item.write(text, depth + 1);
                    text.push('\n');
                }
                indent(text, depth);
                text.push(']');
            }
            Value::Object(entries) => {
                text.push_str("{\n");
                for (key, value) in entries {
                    indent(text, depth + 1);
                    text.push_str(&self::key(key));
                    text.push_str(": ");
                    value.write(text, depth + 1);
                    text.push('\n');
                }
                indent(text, depth);
                text.push('}');
            }
        }
    }
}

fn key(key: &str) -> String {
    let is_plain = key.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { key.to_owned() } else { bicep::text(key) }
}

fn indent(text: &mut String, depth: usize) {
    text.push_str(&"  ".repeat(depth));
}

/// A declaration, with the comment above it.
#[derive(Debug)]
pub(super) struct Declaration {
    comments: Vec<String>,
    head: String,
    value: Value,
}

impl Declaration {
    /// A resource that is made.
    pub(super) fn resource(symbol: &str, kind: &str, value: Value) -> Self {
        Declaration { comments: Vec::new(), head: format!("resource {symbol} '{kind}' = "), value }
    }

    /// One that is there already.
    pub(super) fn existing(symbol: &str, kind: &str, value: Value) -> Self {
        Declaration { comments: Vec::new(), head: format!("resource {symbol} '{kind}' existing = "), value }
    }

    /// One that is made, or one that is there.
    pub(super) fn made(is_made: bool, symbol: &str, kind: &str, value: Value, name: Value) -> Self {
        if is_made { Self::resource(symbol, kind, value) } else { Self::existing(symbol, kind, name) }
    }

    /// The declaration applies only where a condition is satisfied.
    pub(super) fn only_if(mut self, condition: &str) -> Self {
        self.head.push_str(&format!("if ({condition}) "));
        self
    }

    pub(super) fn output(name: &str, value: Value) -> Self {
        Declaration { comments: Vec::new(), head: format!("output {name} string = "), value }
    }

    pub(super) fn parameter(name: &str, kind: &str, description: &str, default: Option<Value>) -> Self {
        let (equals, value) = match default {
            Some(value) => (" = ", value),
            None => ("", raw("")),
        };
        let head = format!("@description({})\nparam {name} {kind}{equals}", bicep::text(description));
        Declaration { comments: Vec::new(), head, value }
    }

    pub(super) fn variable(name: &str, value: Value) -> Self {
        Declaration { comments: Vec::new(), head: format!("var {name} = "), value }
    }

    /// Says something above it.
    pub(super) fn about(mut self, words: impl Into<String>) -> Self {
        self.comments.push(words.into());
        self
    }

    pub(super) fn render(&self) -> String {
        let mut text = comment(&self.comments);
        text.push_str(&self.head);
        self.value.write(&mut text, 0);
        text.push('\n');
        text
    }
}

pub(super) fn comment(comments: &[String]) -> String {
    let mut text = String::new();
    for line in comments.iter().flat_map(|words| crate::emit::words::fold(words, 117)) {
        text.push_str(if line.is_empty() { "//" } else { "// " });
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_they_say() {
        let mut text = String::new();
        object([("a", "it's ${x} \\".into()), ("b-c", template("${f('x')}-'q'"))]).write(&mut text, 0);
        assert_eq!(text, "{\n  a: 'it\\'s \\${x} \\\\'\n  'b-c': '${f('x')}-\\'q\\''\n}");
        let mixed = format!("${{f('x')}}/{}${{g('y')}}", bicep::literal("${evil('z')}\\"));
        let mut text = String::new();
        template(mixed).write(&mut text, 0);
        assert_eq!(text, r"'${f('x')}/\${evil(\'z\')}\\${g('y')}'");
        let mut text = String::new();
        Value::from("a\rb\u{2028}").write(&mut text, 0);
        assert_eq!(text, r"'a\u{d}b\u{2028}'");
    }

    #[test]
    fn a_comment_ends_where_it_was_meant_to() {
        assert_eq!(comment(&["a\rb\u{85}c\u{2028}d".to_owned()]), "// a\\u{d}b\\u{85}c\\u{2028}d\n");
    }
}
