use super::{Scanner, Source};

/// The first names that the last object of a list had, in their order. Where the next one has them, too, they need not be read anew.
#[derive(Debug)]
pub struct Alike<'a, S: Source + ?Sized = str>([Option<Name<'a, S>>; 16]);

#[derive(Debug)]
struct Name<'a, S: Source + ?Sized> {
    /// As it stands there, from its quote to its colon.
    written: &'a [u8],
    name: &'a S,
}

impl<S: Source + ?Sized> Default for Alike<'_, S> {
    fn default() -> Self {
        Alike([const { None }; 16])
    }
}

impl<'a, S: Source + ?Sized> Alike<'a, S> {
    /// The name of the field behind so many others, and its colon.
    #[inline]
    pub(super) fn name(&mut self, scanner: &mut Scanner<'a, S>, count: usize) -> Option<&'a S> {
        if let Some(Some(Name { written, name })) = self.0.get(count)
            && scanner.json.bytes().get(scanner.at..).is_some_and(|bytes| bytes.starts_with(written))
        {
            scanner.at += written.len();
            return Some(name);
        }
        self.another(scanner, count)
    }

    #[inline(never)]
    fn another(&mut self, scanner: &mut Scanner<'a, S>, count: usize) -> Option<&'a S> {
        scanner.peek()?;
        let start = scanner.at;
        let name = scanner.plain()?;
        scanner.take(b':')?;
        if let Some(place) = self.0.get_mut(count) {
            *place = Some(Name { written: scanner.json.bytes().get(start..scanner.at)?, name });
        }
        Some(name)
    }
}
