use std::{fs, path::Path};

use serde::de::IgnoredAny;
use serde_json::Value;

use super::*;

/// The events of the golden vectors in a folder of fixtures.
pub(crate) fn recorded(folder: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(folder);
    let cases = fs::read_dir(folder).expect("the golden vectors").map(|case| case.expect("a case").path());
    let events = cases.filter_map(|case| {
        let message: Value = serde_json::from_slice(&fs::read(case.join("in.json")).expect("in.json")).expect("JSON");
        let event = message["body"].get("json")?;
        Some([event.to_string(), format!("{event:#}")].map(String::into_bytes))
    });
    let events: Vec<_> = events.flatten().collect();
    assert!(events.len() > 40, "{} events", events.len());
    events
}

/// What a slip puts into an event: what is JSON elsewhere, and what is none anywhere.
const PIECES: [&[u8]; 38] = [
    b"",
    b" ",
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"null",
    b"true",
    b"false",
    b"nul",
    b"0",
    b"01",
    b"-",
    b"-1.5e+3",
    b"1.",
    b"1e",
    b"1e999",
    b"\"\"",
    b"{}",
    b"[]",
    b"[null]",
    b"[\"a\",null,\"b\"]",
    b"\\n\\\"\\/\\b\\f\\r\\t\\\\",
    b"\\u0041",
    b"\\ud800",
    b"\\ud83e\\udd80",
    b"\\x",
    b"\\u00",
    b"\n",
    b"\x01",
    b"\x7f",
    "\u{e9}".as_bytes(),
    b"\xff",
    b"\"path\":\"/twice\",",
];

/// The event, that event cut off, and with slips: always the same ones.
pub(crate) fn and_slips(event: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let mut state = event.len() as u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below.max(1)
    };
    let cut = (0..event.len()).step_by(17).map(|at| event[..at].to_vec());
    let slipped = (0..event.len() / 2).map(move |_| {
        let mut event = event.to_vec();
        for _ in 0..=random(2) {
            let at = random(event.len() + 1);
            // At a place where a text, or what holds it, begins or ends, a slip is more often still JSON.
            let edge = event[at..].iter().position(|byte| b"\"{}[],:".contains(byte)).map_or(at, |on| at + on);
            let from = if random(2) == 0 { at } else { edge + random(2) };
            let from = from.min(event.len());
            let until = event.len().min(from + random(4) * random(3));
            event.splice(from..until, PIECES[random(PIECES.len())].iter().copied());
        }
        event
    });
    std::iter::once(event.to_vec()).chain(cut).chain(slipped)
}

#[test]
fn what_is_skipped_is_what_serde_ignores() {
    let mut taken = 0;
    for event in ["http", "events"].into_iter().flat_map(recorded) {
        for json in and_slips(&event) {
            let mut scan = Scan::new(&json);
            if scan.skip().and_then(|()| scan.end()).is_some() {
                taken += 1;
                let ignored = serde_json::from_slice::<IgnoredAny>(&json);
                assert!(ignored.is_ok(), "{}: {ignored:?}", String::from_utf8_lossy(&json));
            }
        }
        let mut scan = Scan::new(&event);
        scan.skip().and_then(|()| scan.end()).expect("what is no slip");
    }
    assert!(taken > 10_000, "{taken}");
}

#[test]
fn numbers_are_those_of_json() {
    for number in ["0", "-0", "10", "-12.50", "1e5", "0.1E-2", "1e+9", "123456789012345678901234567890"] {
        let mut scan = Scan::new(number.as_bytes());
        assert!(scan.skip().and_then(|()| scan.end()).is_some(), "{number}");
    }
    for number in ["", "-", "01", "+1", ".5", "1.", "1.e1", "1e", "1e+", "--1", "1_0", "0x1", "NaN"] {
        let mut scan = Scan::new(number.as_bytes());
        assert!(scan.skip().and_then(|()| scan.end()).is_none(), "{number}");
    }
}

#[test]
fn a_text_is_the_one_that_serde_reads() {
    for inner in ["", "plain", r#"\"\\\/\b\f\n\r\t"#, r#"a\"b"#, "\u{e9}\\n\u{1f980}", "just eight", r"ends with \\"] {
        let json = format!("\"{inner}\"");
        let text = Scan::new(json.as_bytes()).text().expect("a text");
        let read: String = serde_json::from_str(&json).expect("JSON");
        let unescaped = text.unescaped().expect("short escapes");
        assert_eq!((&*unescaped, unescaped.capacity()), (read.as_bytes(), read.len()));
        assert_eq!(text.plain().is_some(), !inner.contains('\\'));
    }
    for inner in [r"\u0041", r"\x", r"\ud800"] {
        let json = format!("\"{inner}\"");
        assert!(Scan::new(json.as_bytes()).text().expect("a text").unescaped().is_none(), "{inner}");
    }
    for json in ["", "\"", "\"a", "\"a\\", "\"a\\\"", "\"a\n\"", "\"12345678\u{1}\"", "a\""] {
        assert!(Scan::new(json.as_bytes()).text().is_none(), "{json:?}");
    }
}

#[test]
fn the_first_special_byte_is_found_wherever_it_is() {
    for length in 0..40 {
        for special in [b'"', b'\\', 0, 1, 0x1f] {
            for at in 0..length {
                for rest in [b'a', b' ', b'!', b'#', b'[', b']', 0x7f, 0x80, 0xff] {
                    let mut text = vec![rest; length];
                    assert_eq!(first_special(&text), None);
                    text[at] = special;
                    assert_eq!(first_special(&text), Some(at), "{text:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_too_deep_is_left_to_serde() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    assert!(Scan::new(nested(32).as_bytes()).skip().is_some());
    assert!(Scan::new(nested(33).as_bytes()).skip().is_none());
    assert!(Scan::new(nested(1_000_000).as_bytes()).skip().is_none());
}
