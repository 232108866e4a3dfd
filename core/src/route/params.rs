use std::{fmt, ops::Range};

use http::uri::PathAndQuery;

/// The values of a path's parameters, percent-encoded as they came, in the pattern's order.
#[derive(Clone, Default)]
pub struct PathParams {
    text: Text,
    // Most patterns have one at most: it needs no list.
    first: Option<Param>,
    more: Vec<Param>,
}

type Param = (&'static str, Span);

/// The path that the values are parts of.
#[derive(Clone)]
pub(super) enum Text {
    /// That of a request, which need not be copied.
    Shared(PathAndQuery),
    /// Its own.
    Own(Box<str>),
}

impl Text {
    pub(super) fn of(path: &str) -> Self {
        Text::Own(path.into())
    }

    fn as_str(&self) -> &str {
        match self {
            Text::Shared(path) => path.path(),
            Text::Own(path) => path,
        }
    }
}

impl Default for Text {
    fn default() -> Self {
        Text::Own(Box::default())
    }
}

/// Where a value stands in its path.
#[derive(Clone)]
pub(super) struct Span(Range<usize>);

impl Span {
    /// That of a part of the path itself.
    pub(super) fn of(part: &str, path: &str) -> Self {
        let from = part.as_ptr().addr().wrapping_sub(path.as_ptr().addr());
        Span(from..from.wrapping_add(part.len()))
    }
}

impl PathParams {
    /// Each parameter's name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let text = self.text.as_str();
        let value = |part: &Span| text.get(part.0.clone()).unwrap_or_default();
        self.first.iter().chain(&self.more).map(move |(name, part)| (*name, value(part)))
    }

    pub(super) fn new(text: impl FnOnce() -> Text, mut params: impl Iterator<Item = Param>) -> Self {
        let Some(first) = params.next() else { return PathParams::default() };
        let mut more = Vec::new();
        for param in params {
            more.push(param);
        }
        PathParams { text: text(), first: Some(first), more }
    }
}

impl PartialEq for PathParams {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for PathParams {}

impl fmt::Debug for PathParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
