//! A route's path, as its source writes it: `/files/{owner}/{*path}`.

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

/// The parts of a path, and the names of its parameters.
pub(super) fn read(path: &'static str) -> Result<(Vec<Part>, Vec<&'static str>), String> {
    if !path.starts_with('/') {
        return Err("it must begin with `/`".to_owned());
    }
    let (mut parts, mut names) = (Vec::new(), Vec::new());
    let (mut text, mut rest) = (String::new(), path);
    while let Some(at) = rest.bytes().position(|byte| matches!(byte, b'{' | b'}')) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let [brace, second, ..] = from.as_bytes()
            && brace == second
        {
            text.push_str(&from[..1]);
            rest = &from[2..];
            continue;
        }
        let inner = from.strip_prefix('{').ok_or("a `}` in it ends nothing; `}}` stands for the character")?;
        let (name, behind) = inner.split_once('}').ok_or("a `{` in it is not ended; `{{` stands for the character")?;
        let is_second = parts.contains(&Part::Param) && !text.as_bytes().contains(&b'/');
        if !text.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut text)));
        }
        if is_second {
            return Err("a segment can have one parameter alone".to_owned());
        }
        let name = match name.strip_prefix('*') {
            None => {
                parts.push(Part::Param);
                name
            }
            Some(name) if behind.is_empty() => {
                parts.push(Part::Rest);
                name
            }
            Some(name) => return Err(format!("`{{*{name}}}` takes all that follows, so nothing can follow it")),
        };
        if name.is_empty() || name.bytes().any(|byte| matches!(byte, b'/' | b'*' | b'{')) {
            return Err(format!("`{name}` is no name of a parameter"));
        }
        if names.contains(&name) {
            return Err(format!("two parameters have the name `{name}`"));
        }
        names.push(name);
        rest = behind;
    }
    text.push_str(rest);
    if !text.is_empty() {
        parts.push(Part::Text(text));
    }
    Ok((parts, names))
}
