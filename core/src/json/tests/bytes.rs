//! What is read from bytes is what `serde_json` gives to those who ask for bytes.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use proptest::{collection::vec, prelude::*, sample::Index};
use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, Visitor};
use serde_json::from_slice;

use super::{Scanner, json};

/// What `serde_json` gives to those who ask for bytes.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Bytes(Vec<u8>);

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Copied;

        impl Visitor<'_> for Copied {
            type Value = Bytes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_bytes<E: Error>(self, text: &[u8]) -> Result<Bytes, E> {
                Ok(Bytes(text.to_vec()))
            }
        }

        deserializer.deserialize_bytes(Copied)
    }
}

type Read<'a, T> = fn(&mut Scanner<'a, [u8]>) -> Option<T>;

/// All of it.
fn whole<'a, T>(json: &'a [u8], read: Read<'a, T>) -> Option<T> {
    let mut scanner = Scanner::new(json);
    let value = read(&mut scanner)?;
    scanner.end().map(|()| value)
}

fn owned(text: Cow<'_, [u8]>) -> Bytes {
    Bytes(text.into_owned())
}

fn text(scanner: &mut Scanner<'_, [u8]>) -> Option<Bytes> {
    scanner.text().map(owned)
}

/// A name may come twice: the last one is kept, as `serde_json` does it.
fn map(scanner: &mut Scanner<'_, [u8]>) -> Option<BTreeMap<Bytes, Option<Bytes>>> {
    let mut map = BTreeMap::new();
    scanner.map(|scanner, name| {
        map.insert(owned(name), scanner.maybe(text)?);
        Some(())
    })?;
    Some(map)
}

fn list(scanner: &mut Scanner<'_, [u8]>) -> Option<Vec<bool>> {
    let mut list = Vec::new();
    scanner.list(|scanner| {
        list.push(scanner.truth()?);
        Some(())
    })?;
    Some(list)
}

fn agree(json: &[u8]) {
    let shown = json.escape_ascii();
    assert_eq!(whole(json, text), from_slice(json).ok(), "{shown}");
    assert_eq!(whole(json, map), from_slice(json).ok(), "{shown}");
    assert_eq!(whole(json, list), from_slice(json).ok(), "{shown}");
    if let Some(value) = whole(json, Scanner::value) {
        assert_eq!(value.trim_ascii(), json.trim_ascii(), "{shown}");
        assert!(from_slice::<IgnoredAny>(json).is_ok(), "{shown}");
    }
}

/// A piece of a text, with its escapes or without.
const PIECE: &str = "(?s-u:\\\\[\"\\\\/bfnrtux]|\\\\u[dD][8-9a-fA-F][0-9a-f]{2}|\\\\u[0-9a-f]{4}|[a-z]{1,9}|[^\"])";

fn quoted() -> impl Strategy<Value = Vec<u8>> {
    let text = proptest::string::bytes_regex(&format!("(?s-u:\"{PIECE}{{0,12}}\")"));
    prop_oneof![9 => text.expect("a pattern"), 1 => Just(b"null".to_vec())]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text(text in quoted()) {
        agree(&text);
    }

    #[test]
    fn any_map_of_texts(pairs in vec((quoted(), quoted()), 0..4)) {
        let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| [name, value].join(&b':')).collect();
        agree(&[b"{", &pairs.join(&b", "[..])[..], b"}"].concat());
    }

    #[test]
    fn any_list_of_words(words in "\\[((true|false|null|truth)(,| ,)?){0,4}\\]") {
        agree(words.as_bytes());
    }

    #[test]
    fn any_bytes_among_json(value in json(), slips in vec((any::<Index>(), 0_usize..4, vec(any::<u8>(), 0..3)), 1..4)) {
        let mut json = value.to_string().into_bytes();
        for (at, length, piece) in slips {
            let at = at.index(json.len() + 1);
            let end = json.len().min(at + length);
            json.splice(at..end, piece);
        }
        agree(&json);
    }
}

#[test]
fn what_no_str_holds_is_read() {
    let read = |json: &[u8]| whole(json, text).map(|Bytes(text)| text);
    assert_eq!(read(b"\"\xff\n\""), Some(b"\xff\n".to_vec()));
    assert_eq!(read(br#""\ud800""#), Some(b"\xed\xa0\x80".to_vec()));
    assert_eq!(read(br#""\n\ud83e\udd80""#), Some("\n\u{1f980}".into()));
    // A name by which a member is found has no control character; one of a map may.
    let name = b"{\"a\nb\": null}";
    assert!(whole(name, map).is_some());
    assert!(Scanner::new(&name[..]).object(|scanner, _| scanner.skip()).is_none());
}
