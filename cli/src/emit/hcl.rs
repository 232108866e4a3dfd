//! HCL, as `terraform fmt` lays it out.

use crate::literal::terraform::quoted;
pub(super) use crate::literal::terraform::{literal, text};

/// A file: blocks with an empty line between them.
#[derive(Debug, Default)]
pub(super) struct Body {
    blocks: Vec<Block>,
}

/// A block, as `resource "a" "b" { … }`.
#[derive(Debug)]
pub(super) struct Block {
    comments: Vec<String>,
    head: String,
    items: Vec<Item>,
}

#[derive(Debug)]
enum Item {
    Attribute(String, Value),
    Block(Block),
    Comment(String),
}

/// What an attribute is set to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A text; nothing in it is replaced.
    Text(String),
    /// A text in which `${…}` is replaced.
    Template(String),
    /// An expression, as it is: a reference, a number, a call.
    Raw(String),
    /// A list, one element a line where there are several.
    List(Vec<Value>),
    /// An object, one entry a line.
    Map(Vec<(String, Value)>),
    /// A function of one value, as `jsonencode(…)`.
    Call(&'static str, Box<Value>),
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

/// An expression, as it is.
pub(super) fn raw(expression: impl Into<String>) -> Value {
    Value::Raw(expression.into())
}

/// A text in which `${…}` is replaced.
pub(super) fn template(text: impl Into<String>) -> Value {
    Value::Template(text.into())
}

/// A list of expressions.
pub(super) fn raws<S: Into<String>>(expressions: impl IntoIterator<Item = S>) -> Value {
    Value::List(expressions.into_iter().map(raw).collect())
}

impl Body {
    pub(super) fn add(&mut self, block: Block) {
        self.blocks.push(block);
    }

    pub(super) fn add_some(&mut self, block: Option<Block>) {
        self.blocks.extend(block);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The text, below a comment that is the file's head.
    pub(super) fn render(&self, head: &[String]) -> String {
        let mut text = String::new();
        comment(&mut text, 0, head);
        for block in &self.blocks {
            if !text.is_empty() {
                text.push('\n');
            }
            block.render(&mut text, 0);
        }
        text
    }
}

impl Block {
    /// A block with a keyword and labels.
    pub(super) fn new(keyword: &str, labels: &[&str]) -> Self {
        let labels: String = labels.iter().map(|label| format!(" {}", quoted(label, false))).collect();
        Block { comments: Vec::new(), head: format!("{keyword}{labels}"), items: Vec::new() }
    }

    pub(super) fn resource(kind: &str, name: &str) -> Self {
        Block::new("resource", &[kind, name])
    }

    pub(super) fn data(kind: &str, name: &str) -> Self {
        Block::new("data", &[kind, name])
    }

    /// Says something above it.
    pub(super) fn about(mut self, words: impl Into<String>) -> Self {
        self.comments.push(words.into());
        self
    }

    /// Says something above the next attribute.
    pub(super) fn say(mut self, words: impl Into<String>) -> Self {
        self.items.push(Item::Comment(words.into()));
        self
    }

    pub(super) fn set(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.items.push(Item::Attribute(key.to_owned(), value.into()));
        self
    }

    pub(super) fn set_some(self, key: &str, value: Option<impl Into<Value>>) -> Self {
        match value {
            Some(value) => self.set(key, value),
            None => self,
        }
    }

    pub(super) fn block(mut self, block: Block) -> Self {
        self.items.push(Item::Block(block));
        self
    }

    pub(super) fn blocks(self, blocks: impl IntoIterator<Item = Block>) -> Self {
        blocks.into_iter().fold(self, Block::block)
    }

    fn render(&self, text: &mut String, depth: usize) {
        comment(text, depth, &self.comments);
        indent(text, depth);
        text.push_str(&self.head);
        if self.items.is_empty() {
            text.push_str(" {}\n");
            return;
        }
        text.push_str(" {\n");
        items(text, &self.items, depth + 1);
        indent(text, depth);
        text.push_str("}\n");
    }
}

/// Attributes of one line that follow each other have their `=` in one column.
fn items(text: &mut String, items: &[Item], depth: usize) {
    let mut at = 0;
    while at < items.len() {
        match &items[at] {
            Item::Comment(words) => {
                comment(text, depth, std::slice::from_ref(words));
                at += 1;
            }
            Item::Block(block) => {
                if at > 0 {
                    text.push('\n');
                }
                block.render(text, depth);
                at += 1;
            }
            Item::Attribute(..) => {
                if at > 0 && matches!(items[at - 1], Item::Block(_)) {
                    text.push('\n');
                }
                let pairs: Vec<_> = items[at..].iter().map_while(pair).collect();
                attributes(text, &pairs, depth);
                at += pairs.len();
            }
        }
    }
}

fn pair(item: &Item) -> Option<(&str, &Value)> {
    match item {
        Item::Attribute(key, value) => Some((key, value)),
        Item::Block(_) | Item::Comment(_) => None,
    }
}

fn attributes(text: &mut String, pairs: &[(&str, &Value)], depth: usize) {
    let lines: Vec<_> = pairs.iter().map(|(key, value)| (*key, written(value, depth))).collect();
    let mut at = 0;
    while at < lines.len() {
        let run = lines[at..].iter().take_while(|(_, value)| !value.contains('\n')).count();
        let width = lines[at..at + run].iter().map(|(key, _)| key.chars().count()).max().unwrap_or_default();
        // One of several lines stands alone.
        for (key, value) in &lines[at..at + run.max(1)] {
            indent(text, depth);
            text.push_str(&format!("{key:width$} = {value}\n"));
        }
        at += run.max(1);
    }
}

fn written(value: &Value, depth: usize) -> String {
    match value {
        Value::Text(text) => quoted(text, false),
        Value::Template(text) => quoted(text, true),
        Value::Raw(expression) => expression.clone(),
        Value::Call(function, value) => format!("{function}({})", written(value, depth)),
        Value::List(values) if values.is_empty() => "[]".to_owned(),
        Value::List(values) if values.len() == 1 => format!("[{}]", written(&values[0], depth)),
        Value::List(values) => {
            let mut text = "[\n".to_owned();
            for value in values {
                indent(&mut text, depth + 1);
                text.push_str(&format!("{},\n", written(value, depth + 1)));
            }
            indent(&mut text, depth);
            text.push(']');
            text
        }
        Value::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Value::Map(entries) => {
            let keys: Vec<_> = entries.iter().map(|(key, _)| map_key(key)).collect();
            let pairs: Vec<_> = keys.iter().map(String::as_str).zip(entries.iter().map(|(_, value)| value)).collect();
            let mut text = "{\n".to_owned();
            attributes(&mut text, &pairs, depth + 1);
            indent(&mut text, depth);
            text.push('}');
            text
        }
    }
}

fn map_key(key: &str) -> String {
    let plain = key.chars().next().is_some_and(|first| first.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if plain { key.to_owned() } else { quoted(key, false) }
}

/// Comments, one line each; what is longer than a screen is wide is folded.
fn comment(text: &mut String, depth: usize, comments: &[String]) {
    for words in comments {
        for line in super::words::fold(words, 118 - 2 * depth) {
            indent(text, depth);
            text.push_str(if line.is_empty() { "#" } else { "# " });
            text.push_str(&line);
            text.push('\n');
        }
    }
}

fn indent(text: &mut String, depth: usize) {
    text.push_str(&"  ".repeat(depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_signs_stand_in_columns_between_what_has_several_lines() {
        let block = Block::resource("a", "b")
            .about("Why.")
            .set("name", "x")
            .set("timeout", 30)
            .set("list", raws(["one", "two"]))
            .set("on", true)
            .block(
                Block::new("inner", &[]).set("a", Value::Map(vec![("k-1".into(), raw("v")), ("key".into(), raw("w"))])),
            );
        let mut body = Body::default();
        body.add(block);
        assert_eq!(
            body.render(&["Head.".to_owned()]),
            "# Head.\n\n# Why.\nresource \"a\" \"b\" {\n  name    = \"x\"\n  timeout = 30\n  list = [\n    one,\n    two,\n  ]\n  on = true\n\n  \
             inner {\n    a = {\n      \"k-1\" = v\n      key   = w\n    }\n  }\n}\n"
        );
    }
}
