use std::ops::Range;

use super::plain;

/// What a [`Scanner`](super::Scanner) reads: a `str`, whose texts are such, too; or bytes, whose texts are what `serde_json` gives to
/// those who ask for bytes. Those may be no UTF-8, and have control characters and halves of characters in them.
pub trait Source: ToOwned + sealed::Source {}

impl Source for str {}

impl Source for [u8] {}

pub(super) mod sealed {
    use super::{Range, plain};

    pub trait Source: ToOwned {
        /// Whether a text may have half of a character in it.
        const HALVES: bool;
        fn bytes(&self) -> &[u8];
        fn part(&self, range: Range<usize>) -> Option<&Self>;
        /// How many bytes come before the first that is no part of a text as it stands there.
        fn until_special(bytes: &[u8]) -> usize;
        fn owned(text: Vec<u8>) -> Option<Self::Owned>;
    }

    impl Source for str {
        const HALVES: bool = false;

        #[inline]
        fn bytes(&self) -> &[u8] {
            self.as_bytes()
        }

        #[inline]
        fn part(&self, range: Range<usize>) -> Option<&str> {
            self.get(range)
        }

        #[inline]
        fn until_special(bytes: &[u8]) -> usize {
            plain::until_special(bytes)
        }

        fn owned(text: Vec<u8>) -> Option<String> {
            String::from_utf8(text).ok()
        }
    }

    impl Source for [u8] {
        const HALVES: bool = true;

        #[inline]
        fn bytes(&self) -> &[u8] {
            self
        }

        #[inline]
        fn part(&self, range: Range<usize>) -> Option<&[u8]> {
            self.get(range)
        }

        #[inline]
        fn until_special(bytes: &[u8]) -> usize {
            memchr::memchr2(b'"', b'\\', bytes).unwrap_or(bytes.len())
        }

        fn owned(text: Vec<u8>) -> Option<Vec<u8>> {
            Some(text)
        }
    }
}
