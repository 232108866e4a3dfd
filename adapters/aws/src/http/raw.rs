//! JSON of which little is asked, and so seldom that each question may read it once more.

use std::borrow::Cow;

use omnifn_core::json::Scanner;

/// A value, as it stands there.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw<'a>(&'a [u8]);

impl<'a> Raw<'a> {
    /// What is known to be JSON.
    pub(crate) fn of(json: &'a [u8]) -> Self {
        Raw(json)
    }

    /// What it begins with.
    #[inline(never)]
    pub(crate) fn first(self) -> u8 {
        Scanner::new(self.0).peek().unwrap_or_default()
    }

    #[inline(never)]
    pub(crate) fn text(self) -> Option<String> {
        let text = Scanner::new(self.0).text()?;
        Some(String::from_utf8_lossy(&text).into_owned())
    }

    /// The first element of a list, and how many there are.
    #[inline(never)]
    pub(crate) fn list(self) -> Option<(Option<Raw<'a>>, usize)> {
        let (mut first, mut count) = (None, 0);
        Scanner::new(self.0).list(|scanner| {
            let value = Raw(scanner.value()?);
            first.get_or_insert(value);
            count += 1;
            Some(())
        })?;
        Some((first, count))
    }

    #[inline(never)]
    pub(crate) fn object(self) -> Option<Object<'a>> {
        let mut members = Vec::new();
        Scanner::new(self.0).map(|scanner, name| {
            members.push((name, Raw(scanner.value()?)));
            Some(())
        })?;
        Some(Object(members))
    }
}

/// The members of an object, in order. Of several with one name, the last counts.
#[derive(Debug)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, [u8]>, Raw<'a>)>);

impl<'a> Object<'a> {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value at a path through objects: `/requestContext/http`.
    #[inline(never)]
    pub(crate) fn at(&self, path: &str) -> Option<Raw<'a>> {
        let mut names = path.strip_prefix('/')?.splitn(2, '/');
        let name = names.next()?.as_bytes();
        let (_, value) = self.0.iter().rfind(|(known, _)| **known == *name)?;
        match names.next() {
            None => Some(*value),
            Some(rest) => value.object()?.at(&format!("/{rest}")),
        }
    }

    /// Whether something is there that is not null.
    #[inline(never)]
    pub(crate) fn has(&self, path: &str) -> bool {
        self.at(path).is_some_and(|value| value.first() != b'n')
    }

    #[inline(never)]
    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.at(path)?.text()
    }

    /// The first names by the alphabet.
    pub(crate) fn names(&self) -> impl Iterator<Item = String> {
        let mut last = None;
        std::iter::from_fn(move || {
            let behind = self.0.iter().map(|(name, _)| &**name).filter(|name| last.is_none_or(|last| *name > last));
            last = Some(behind.min()?);
            last.map(|name| String::from_utf8_lossy(name).into_owned())
        })
    }
}

#[cfg(test)]
mod tests;
