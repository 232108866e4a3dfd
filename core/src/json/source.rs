use std::ops::Range;

use super::{escape, plain};

/// What a [`Scanner`](super::Scanner) reads: a `str`, whose texts are such, too; or bytes, whose texts are what `serde_json` gives to
/// those who ask for bytes. Those may be no UTF-8, and have control characters and halves of characters in them.
pub trait Source: ToOwned + sealed::Source {}

impl Source for str {}

impl Source for [u8] {}

pub(super) mod sealed {
    use super::{Range, escape, plain};

    pub trait Source: ToOwned {
        fn bytes(&self) -> &[u8];
        fn part(&self, range: Range<usize>) -> Option<&Self>;
        /// How many bytes come before the first that is no part of a text as it stands there.
        fn until_special(bytes: &[u8]) -> usize;
        fn owned(text: Vec<u8>) -> Option<Self::Owned>;
        /// What `serde_json` makes of a text with its quotes.
        fn by_serde(quoted: &[u8]) -> Option<Self::Owned>;
    }

    impl Source for str {
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

        fn by_serde(quoted: &[u8]) -> Option<String> {
            serde_json::from_slice(quoted).ok()
        }
    }

    impl Source for [u8] {
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

        fn by_serde(quoted: &[u8]) -> Option<Vec<u8>> {
            serde_json::from_slice(quoted).ok().map(|escape::Bytes(text)| text)
        }
    }
}
