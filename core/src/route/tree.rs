//! Which of many patterns a path has, without asking each.

use super::pattern::Part;

/// A place in patterns that begin alike, and what comes there.
#[derive(Debug, Default)]
pub(super) struct Node {
    /// Text: no two begin with one byte.
    texts: Vec<(Vec<u8>, Node)>,
    /// A parameter, by the text that ends its segment: the longest first.
    params: Vec<(Vec<u8>, Node)>,
    /// All that follows.
    rest: Option<usize>,
    /// Nothing.
    end: Option<usize>,
}

/// The values of a path's parameters, as it has them.
#[derive(Debug, Default)]
pub(super) struct Values<'p> {
    few: [&'p str; 4],
    more: Vec<&'p str>,
}

impl<'p> Values<'p> {
    /// That of a parameter which the pattern has.
    pub(super) fn get(&self, number: usize) -> &'p str {
        match self.few.get(number) {
            Some(value) => value,
            None => self.more.get(number - self.few.len()).copied().unwrap_or_default(),
        }
    }

    fn set(&mut self, number: usize, value: &'p str) {
        if let Some(place) = self.few.get_mut(number) {
            *place = value;
        } else {
            // The last one comes first.
            let at = number - self.few.len();
            while self.more.len() <= at {
                self.more.push("");
            }
            self.more[at] = value;
        }
    }
}

impl Node {
    /// Adds a pattern, or finds that it is there: its number, which then is an earlier one's.
    ///
    /// # Errors
    /// Another pattern, by its number, has a parameter where this one takes all that follows, or the other way round.
    pub(super) fn add(&mut self, parts: &[Part], number: usize) -> Result<usize, usize> {
        match parts {
            [] => Ok(*self.end.get_or_insert(number)),
            [Part::Rest, ..] => match self.params.first() {
                Some((_, other)) => Err(other.any().unwrap_or(number)),
                None => Ok(*self.rest.get_or_insert(number)),
            },
            [Part::Text(text), behind @ ..] => self.text(text.as_bytes()).add(behind, number),
            [Part::Param, behind @ ..] => {
                if let Some(other) = self.rest {
                    return Err(other);
                }
                let (text, behind) = match behind {
                    [Part::Text(text), behind @ ..] => (text.as_bytes(), behind),
                    behind => (&b""[..], behind),
                };
                let (suffix, text) = text.split_at(segment(text));
                self.param(suffix).text(text).add(behind, number)
            }
        }
    }

    /// The node behind a text.
    fn text(&mut self, text: &[u8]) -> &mut Node {
        let Some(first) = text.first() else { return self };
        let at = match self.texts.iter().position(|(known, _)| known.first() == Some(first)) {
            Some(at) => at,
            None => {
                self.texts.push((text.to_vec(), Node::default()));
                self.texts.len() - 1
            }
        };
        let (known, node) = &mut self.texts[at];
        let common = known.iter().zip(text).take_while(|(known, byte)| known == byte).count();
        if common < known.len() {
            let behind = (known.split_off(common), std::mem::take(node));
            node.texts.push(behind);
        }
        node.text(&text[common..])
    }

    /// The node behind a parameter whose segment ends with this.
    fn param(&mut self, suffix: &[u8]) -> &mut Node {
        let at = match self.params.iter().position(|(known, _)| known == suffix) {
            Some(at) => at,
            None => {
                let at = self.params.partition_point(|(known, _)| known.len() >= suffix.len());
                self.params.insert(at, (suffix.to_vec(), Node::default()));
                at
            }
        };
        &mut self.params[at].1
    }

    /// Some pattern that goes through here.
    fn any(&self) -> Option<usize> {
        let below = || self.texts.iter().chain(&self.params).find_map(|(_, node)| node.any());
        self.end.or(self.rest).or_else(below)
    }

    /// The pattern that a path has from `at` on, by its number, and the values of its parameters from the `param`-th on. Text goes before
    /// a parameter, and that before all that follows, from left to right. No node is asked twice.
    pub(super) fn find<'p>(&self, path: &'p str, at: usize, param: usize, values: &mut Values<'p>) -> Option<usize> {
        let left = path.as_bytes().get(at..)?;
        let Some(first) = left.first() else { return self.end };
        if let Some((text, node)) = self.texts.iter().find(|(text, _)| text.first() == Some(first))
            && left.starts_with(text)
            && let Some(found) = node.find(path, at + text.len(), param, values)
        {
            return Some(found);
        }
        if !self.params.is_empty() {
            let end = segment(left);
            for (suffix, node) in &self.params {
                if let Some(value @ [_, ..]) = left.get(..end)?.strip_suffix(&suffix[..])
                    && let Some(found) = node.find(path, at + end, param + 1, values)
                {
                    values.set(param, path.get(at..at + value.len())?);
                    return Some(found);
                }
            }
        }
        let found = self.rest?;
        values.set(param, path.get(at..)?);
        Some(found)
    }
}

/// The length of what is left of a segment.
fn segment(path: &[u8]) -> usize {
    memchr::memchr(b'/', path).unwrap_or(path.len())
}
