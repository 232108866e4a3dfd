//! A route's path, as its source writes it: `/files/{owner}/{*path}`.

use std::borrow::Cow;

/// What a path is made of, one after another. Behind a parameter comes text, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// These characters.
    Text(String),
    /// What is in a segment here, as far as no text ends it; not nothing.
    Param,
    /// All that follows, which is not nothing.
    Rest,
}

/// Why it is none.
pub(super) type Why = Cow<'static, str>;

/// The parts of a path, and the names of its parameters.
pub(super) fn read(path: &'static str) -> Result<(Vec<Part>, Vec<&'static str>), Why> {
    let mut pattern = Pattern::default();
    pattern.read(path)?;
    Ok((pattern.parts, pattern.names))
}

/// What was read so far.
#[derive(Default)]
struct Pattern {
    parts: Vec<Part>,
    names: Vec<&'static str>,
    /// Text that goes on, perhaps.
    text: String,
}

impl Pattern {
    fn read(&mut self, path: &'static str) -> Result<(), Why> {
        if !path.starts_with('/') {
            return Err("it must begin with `/`".into());
        }
        let mut rest = path;
        while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'{' | b'}')) {
            let (before, from) = rest.split_at(at);
            self.text.push_str(before);
            rest = match from.as_bytes() {
                [brace, second, ..] if brace == second => {
                    self.text.push_str(&from[..1]);
                    &from[2..]
                }
                [b'{', ..] => self.parameter(&from[1..])?,
                _ => return Err("a `}` in it ends nothing; `}}` stands for the character".into()),
            };
        }
        self.text.push_str(rest);
        self.end_text();
        Ok(())
    }

    /// Reads a parameter, behind its `{`. Gives what is behind its `}`.
    fn parameter(&mut self, inner: &'static str) -> Result<&'static str, Why> {
        let Some(end) = inner.bytes().position(|byte| byte == b'}') else {
            return Err("a `{` in it is not ended; `{{` stands for the character".into());
        };
        let (name, behind) = (&inner[..end], &inner[end + 1..]);
        if !self.parts.is_empty() && !self.text.bytes().any(|byte| byte == b'/') {
            return Err("a segment can have one parameter alone".into());
        }
        self.end_text();
        let (part, name) = match name.strip_prefix('*') {
            None => (Part::Param, name),
            Some(name) if behind.is_empty() => (Part::Rest, name),
            Some(name) => return Err(format!("`{{*{name}}}` takes all that follows, so nothing can follow it").into()),
        };
        if name.is_empty() || name.bytes().any(|byte| matches!(byte, b'/' | b'*' | b'{')) {
            return Err(format!("`{name}` is no name of a parameter").into());
        }
        if self.names.contains(&name) {
            return Err(format!("two parameters have the name `{name}`").into());
        }
        self.parts.push(part);
        self.names.push(name);
        Ok(behind)
    }

    fn end_text(&mut self) {
        if !self.text.is_empty() {
            self.parts.push(Part::Text(std::mem::take(&mut self.text)));
        }
    }
}
