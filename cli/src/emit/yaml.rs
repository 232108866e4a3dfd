//! Values in the order that they are written in, as YAML with comments.

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Yaml {
    /// A text, quoted where it has to be. What reads it replaces nothing in it.
    Text(String),
    /// A text in which something is meant to be replaced by what reads it.
    Template(String),
    /// A number.
    Number(i64),
    /// `true` or `false`.
    Bool(bool),
    /// A list.
    List(Vec<Yaml>),
    /// Keys with their values.
    Map(Map),
    /// A value with lines above it.
    Noted(String, Box<Yaml>),
}

/// Keys with their values, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Map(Vec<(String, Yaml)>);

/// `map! { "Key" => value, … }`.
macro_rules! map {
    ($($key:expr => $value:expr),* $(,)?) => {
        $crate::emit::yaml::Map::default()$(.with($key, $value))*
    };
}
pub(super) use map;

impl Map {
    /// With one more.
    pub(super) fn with(mut self, key: impl Into<String>, value: impl Into<Yaml>) -> Self {
        self.0.push((key.into(), value.into()));
        self
    }

    /// With one more, where there is one.
    pub(super) fn maybe(self, key: &str, value: Option<impl Into<Yaml>>) -> Self {
        match value {
            Some(value) => self.with(key, value),
            None => self,
        }
    }

    /// With those of another behind it.
    pub(super) fn and(mut self, other: Map) -> Self {
        self.0.extend(other.0);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Yaml)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }

    /// Returns the map with every scalar value, at any depth, replaced by what `change` returns for it.
    ///
    /// # Errors
    /// The first error that `change` returns.
    pub(super) fn try_map<E>(self, change: &mut impl FnMut(Yaml) -> Result<Yaml, E>) -> Result<Map, E> {
        let entries = self.0.into_iter().map(|(key, value)| Ok((key, value.try_map(change)?)));
        Ok(Map(entries.collect::<Result<_, E>>()?))
    }

    /// Returns the keys and values in which the reader must replace nothing.
    pub(super) fn texts(&self) -> Vec<&str> {
        self.0.iter().flat_map(|(key, value)| std::iter::once(key.as_str()).chain(value.texts())).collect()
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }
}

impl Yaml {
    /// Returns the keys and values in which the reader must replace nothing.
    pub(super) fn texts(&self) -> Vec<&str> {
        match self {
            Yaml::Text(text) => vec![text],
            Yaml::Template(_) | Yaml::Number(_) | Yaml::Bool(_) => Vec::new(),
            Yaml::List(list) => list.iter().flat_map(Yaml::texts).collect(),
            Yaml::Map(map) => map.texts(),
            Yaml::Noted(_, value) => value.texts(),
        }
    }

    fn try_map<E>(self, change: &mut impl FnMut(Yaml) -> Result<Yaml, E>) -> Result<Yaml, E> {
        Ok(match self {
            Yaml::Map(map) => Yaml::Map(map.try_map(change)?),
            Yaml::List(list) => {
                Yaml::List(list.into_iter().map(|value| value.try_map(change)).collect::<Result<_, E>>()?)
            }
            Yaml::Noted(words, value) => Yaml::Noted(words, Box::new(value.try_map(change)?)),
            leaf => change(leaf)?,
        })
    }

    /// The same with a comment above it.
    pub(super) fn noted(self, words: impl Into<String>) -> Yaml {
        Yaml::Noted(words.into(), Box::new(self))
    }
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
        Yaml::Number(number.into())
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Self {
        Yaml::Bool(value)
    }
}

impl From<Map> for Yaml {
    fn from(map: Map) -> Self {
        Yaml::Map(map)
    }
}

impl<T: Into<Yaml>> From<Vec<T>> for Yaml {
    fn from(list: Vec<T>) -> Self {
        Yaml::List(list.into_iter().map(Into::into).collect())
    }
}

/// A document: comments in front, then the map.
pub(super) fn document(head: &[String], map: &Map) -> String {
    let mut out = String::new();
    for line in head {
        comment(&mut out, 0, line);
    }
    write_map(&mut out, 0, map, false);
    out
}

fn write_map(out: &mut String, depth: usize, Map(entries): &Map, mut inline: bool) {
    for (key, value) in entries {
        let (note, value) = split(value);
        if let Some(note) = note {
            if inline {
                // A comment cannot stand behind a list's dash.
                out.truncate(out.trim_end_matches(' ').len());
                out.push('\n');
                inline = false;
            }
            comment(out, depth, note);
        }
        if !std::mem::take(&mut inline) {
            indent(out, depth);
        }
        out.push_str(&scalar(key));
        out.push(':');
        write_value(out, depth, value);
    }
}

/// What follows a key.
fn write_value(out: &mut String, depth: usize, value: &Yaml) {
    match value {
        Yaml::Map(map) if !map.is_empty() => {
            out.push('\n');
            write_map(out, depth + 1, map, false);
        }
        Yaml::List(list) if !list.is_empty() => {
            out.push('\n');
            write_list(out, depth + 1, list);
        }
        leaf => {
            out.push(' ');
            out.push_str(&flat(leaf));
            out.push('\n');
        }
    }
}

fn write_list(out: &mut String, depth: usize, list: &[Yaml]) {
    for value in list {
        let (note, value) = split(value);
        if let Some(note) = note {
            comment(out, depth, note);
        }
        indent(out, depth);
        out.push('-');
        match value {
            Yaml::Map(map) if !map.is_empty() => {
                out.push(' ');
                write_map(out, depth + 1, map, true);
            }
            Yaml::List(inner) if !inner.is_empty() => {
                out.push('\n');
                write_list(out, depth + 1, inner);
            }
            leaf => {
                out.push(' ');
                out.push_str(&flat(leaf));
                out.push('\n');
            }
        }
    }
}

fn flat(value: &Yaml) -> String {
    match value {
        Yaml::Text(text) | Yaml::Template(text) => scalar(text),
        Yaml::Number(number) => number.to_string(),
        Yaml::Bool(value) => value.to_string(),
        Yaml::List(_) => "[]".to_owned(),
        Yaml::Map(_) => "{}".to_owned(),
        Yaml::Noted(_, value) => flat(value),
    }
}

fn split(value: &Yaml) -> (Option<&str>, &Yaml) {
    match value {
        Yaml::Noted(note, value) => (Some(note), value),
        value => (None, value),
    }
}

fn comment(out: &mut String, depth: usize, words: &str) {
    for line in super::words::lines(words) {
        indent(out, depth);
        out.push_str(if line.is_empty() { "#" } else { "# " });
        out.push_str(&line);
        out.push('\n');
    }
}

fn indent(out: &mut String, depth: usize) {
    out.extend(std::iter::repeat_n("  ", depth));
}

/// A text as it is, where every version of YAML reads a text; else quoted as in JSON, which is YAML too, but for characters that end lines
/// there and not in JSON.
fn scalar(text: &str) -> String {
    const OTHERS: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "none", "inf"];
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '_');
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-./:+".contains(c);
    let is_plain = starts && text.chars().all(fits) && !text.ends_with(':');
    if is_plain && !OTHERS.iter().any(|other| other.eq_ignore_ascii_case(text)) {
        return text.to_owned();
    }
    let quoted = serde_json::Value::from(text).to_string();
    quoted.chars().fold(String::with_capacity(quoted.len()), |mut out, c| {
        match c {
            c if crate::text::is_unseen(c) => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document() {
        let map = map! {
            "AWS::Version" => "2010-09-09",
            "Deep" => map! { "List" => vec![
                Yaml::from(map! { "Effect" => "Allow", "Action" => vec!["sqs:SendMessage", "s3:*"] }).noted("why\n\nso"),
                Yaml::from(vec!["a", "no"]),
                Yaml::from(Map::default()),
            ] },
            "On" => Yaml::from(true).noted("a flag"),
            "Empty" => Vec::<Yaml>::new(),
            "Text" => "a: \"b\" # c",
            "Words" => vec![Yaml::from(map! { "K" => Yaml::from(1).noted("one") })],
        };
        let expected = r##"# head
AWS::Version: "2010-09-09"
Deep:
  List:
    # why
    #
    # so
    - Effect: Allow
      Action:
        - sqs:SendMessage
        - "s3:*"
    -
      - a
      - "no"
    - {}
# a flag
"On": true
Empty: []
Text: "a: \"b\" # c"
Words:
  -
    # one
    K: 1
"##;
        assert_eq!(document(&["head".to_owned()], &map), expected);
    }

    #[test]
    fn no_character_ends_a_line_but_those_that_are_written() {
        let text = "a\rb\u{85}c\u{2028}d\u{2029}e\u{7f}\n";
        let map = map! { "K" => Yaml::from(text).noted("x\ry\u{85}z") };
        let written = document(&["h\u{2028}i".to_owned()], &map);
        assert_eq!(written, "# h\\u{2028}i\n# x\\u{d}y\\u{85}z\nK: \"a\\rb\\u0085c\\u2028d\\u2029e\\u007f\\n\"\n");
        let read = yaml_rust2::YamlLoader::load_from_str(&written).unwrap();
        assert_eq!(read[0]["K"].as_str(), Some(text));
    }
}
