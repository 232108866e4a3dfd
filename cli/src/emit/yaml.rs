//! YAML: documents with comments above them.

/// A value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    Text(String),
    Number(u32),
    Flag(bool),
    List(Vec<Yaml>),
    Map(Vec<(String, Yaml)>),
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Yaml::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Yaml::Text(text)
    }
}

impl From<u32> for Yaml {
    fn from(number: u32) -> Self {
        Yaml::Number(number)
    }
}

impl From<bool> for Yaml {
    fn from(flag: bool) -> Self {
        Yaml::Flag(flag)
    }
}

/// A map, in this order.
pub(super) fn map<const N: usize>(entries: [(&str, Yaml); N]) -> Yaml {
    Yaml::Map(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

impl Yaml {
    /// The same map with one entry more.
    #[must_use]
    pub(super) fn with(self, key: &str, value: impl Into<Yaml>) -> Yaml {
        let mut entries = match self {
            Yaml::Map(entries) => entries,
            _ => Vec::new(),
        };
        entries.push((key.to_owned(), value.into()));
        Yaml::Map(entries)
    }

    /// The same map with one entry more, where there is one.
    #[must_use]
    pub(super) fn with_some(self, key: &str, value: Option<impl Into<Yaml>>) -> Yaml {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// The text of a document.
    pub(super) fn render(&self) -> String {
        let mut text = String::new();
        self.write(&mut text, 0);
        text
    }

    fn write(&self, text: &mut String, depth: usize) {
        match self {
            Yaml::Map(entries) => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        text.push_str(&"  ".repeat(depth));
                    }
                    text.push_str(&scalar(key));
                    text.push(':');
                    value.after_key(text, depth);
                }
            }
            Yaml::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    if index > 0 {
                        text.push_str(&"  ".repeat(depth));
                    }
                    text.push_str("- ");
                    item.write(text, depth + 1);
                }
            }
            Yaml::Text(value) => line(text, &scalar(value)),
            Yaml::Number(value) => line(text, &value.to_string()),
            Yaml::Flag(value) => line(text, &value.to_string()),
        }
    }

    fn after_key(&self, text: &mut String, depth: usize) {
        match self {
            Yaml::Map(entries) if entries.is_empty() => text.push_str(" {}\n"),
            Yaml::List(items) if items.is_empty() => text.push_str(" []\n"),
            Yaml::Map(_) | Yaml::List(_) => {
                text.push('\n');
                text.push_str(&"  ".repeat(depth + 1));
                self.write(text, depth + 1);
            }
            scalar => {
                text.push(' ');
                scalar.write(text, depth);
            }
        }
    }
}

fn line(text: &mut String, value: &str) {
    text.push_str(value);
    text.push('\n');
}

/// A text without quotes where nobody can take it for something else; else as JSON, which is YAML.
fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c))
        && !["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_what_is_read() {
        let value = map([
            ("a", "x".into()),
            ("on", "on".into()),
            ("n", 5.into()),
            ("list", Yaml::List(vec![map([("k", "1".into()), ("m", map([("deep", true.into())]))]), "a: b".into()])),
            ("none", Yaml::Map(Vec::new())),
        ]);
        let expected =
            "a: x\n\"on\": \"on\"\n\"n\": 5\nlist:\n  - k: \"1\"\n    m:\n      deep: true\n  - \"a: b\"\nnone: {}\n";
        assert_eq!(value.render(), expected);
    }
}
