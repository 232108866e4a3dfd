use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::{Map, Value, value::RawValue};

use super::{Scanner, write_text};

mod alike;
mod bytes;
mod faults;
mod parts;

/// Reads a whole value, so far as it is usual.
fn read(scanner: &mut Scanner<'_>) -> Option<Value> {
    match scanner.peek()? {
        b'{' => {
            let mut map = Map::new();
            scanner.object(|scanner, name| {
                map.insert(name.to_owned(), read(scanner)?);
                Some(())
            })?;
            Some(Value::Object(map))
        }
        b'[' => {
            let mut list = Vec::new();
            scanner.list(|scanner| {
                list.push(read(scanner)?);
                Some(())
            })?;
            Some(Value::Array(list))
        }
        b'"' => scanner.text().map(|text| Value::String(text.into_owned())),
        b'n' => scanner.null().then_some(Value::Null),
        _ => serde_json::from_str(scanner.value()?).ok(),
    }
}

fn whole(text: &str) -> Option<Value> {
    let mut scanner = Scanner::new(text);
    let value = read(&mut scanner)?;
    scanner.end().map(|()| value)
}

fn raw(text: &str) -> Option<&str> {
    let mut scanner = Scanner::new(text);
    let value = scanner.value()?;
    scanner.end().map(|()| value)
}

/// What is read is what `serde_json` reads.
fn agree(text: &str) {
    if let Some(value) = whole(text) {
        assert_eq!(serde_json::from_str::<Value>(text).ok(), Some(value), "{text}");
    }
    if let Some(value) = raw(text) {
        let known = serde_json::from_str::<&RawValue>(text).map(RawValue::get).ok();
        assert_eq!(known, Some(value), "{text}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        // Such as a text holds exactly.
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        any::<String>().prop_map(Value::from),
        "[ -~]{0,40}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        let fields = vec(("[a-zA-Z_]{0,12}", inner.clone()), 0..8);
        let object = fields.prop_map(|fields| Value::Object(fields.into_iter().collect()));
        prop_oneof![vec(inner, 0..8).prop_map(Value::from), object]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_is_written_is_read(value in json(), pretty: bool) {
        let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) };
        let text = text.unwrap();
        prop_assert_eq!(whole(&text), Some(value));
        prop_assert_eq!(raw(&text), Some(&text[..]));
    }

    #[test]
    fn any_text_of_json(text in "[{}\\[\\]\",:0-9a-f\\\\ un.eE+-]{0,60}") {
        agree(&text);
    }

    #[test]
    fn any_text_in_quotes(text in "(\\\\[\"\\\\/bfnrtu]|[0-9a-fD8]|\\PC|[\\x00-\\x20]){0,24}") {
        let text = format!("\"{text}\"");
        agree(&text);
        prop_assert_eq!(whole(&text), serde_json::from_str(&text).ok());
    }

    #[test]
    fn a_text_is_written_as_serde_json_does(text in "(\\PC|[\\x00-\\x7f]|[\"\\\\]){0,40}") {
        let mut out = Vec::new();
        write_text(&mut out, &text);
        prop_assert_eq!(out, serde_json::to_vec(&text).unwrap());
    }

    #[test]
    fn json_with_slips(value in json(), slips in vec((any::<Index>(), 0_usize..4, "[\\PC\"\\\\{}\\[\\]0-9.,:-]{0,3}"), 1..4)) {
        let mut chars: Vec<char> = value.to_string().chars().collect();
        for (at, length, piece) in slips {
            let at = at.index(chars.len() + 1);
            let end = chars.len().min(at + length);
            chars.splice(at..end, piece.chars());
        }
        agree(&chars.into_iter().collect::<String>());
    }
}

#[test]
fn what_is_not_usual_is_left() {
    // What is passed over may be as deep as it will.
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert_eq!((whole(&deep(32)).is_some(), whole(&deep(33))), (true, None));
    for text in [
        &deep(100_000)[1..],
        "",
        " ",
        "nul",
        "tru",
        "01",
        "-",
        "1.",
        "1e",
        "+1",
        ".5",
        "[1,]",
        "{\"a\":1,}",
        "{\"a\" 1}",
        "\"",
        "\"\\",
        "\"\\u12",
        "\"\\x\"",
        "\"\u{1f}\"",
        "\"a\" b",
        "[1 2]",
        "{1:2}",
    ] {
        assert_eq!(raw(text), None, "{}", &text[..text.len().min(40)]);
    }
    // What is passed over may be called what it will.
    let name = r#"{"\u0061":1}"#;
    assert_eq!((whole(name), raw(name)), (None, Some(name)));
    // A half of a character is no text, and may be passed over.
    let half = r#""\ud800""#;
    assert_eq!((whole(half), raw(half)), (None, Some(half)));
}

#[test]
fn every_place_of_a_text_is_seen() {
    for length in 0..40 {
        for at in 0..=length {
            for byte in (0..=0x7f).map(char::from) {
                let text = format!("\"{}{byte}{}\"", "é".repeat(at), "\u{80}x".repeat(length - at));
                agree(&text);
                let usual = !matches!(byte, '"' | '\\' | '\0'..='\x1f');
                assert_eq!(whole(&text).is_some(), usual, "{text:?}");
            }
        }
    }
}
