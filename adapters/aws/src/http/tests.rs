//! Events for tests: those that were recorded, and what becomes of them where something slips.

pub(crate) mod oracle;

use std::{fs, path::Path};

use serde_json::Value;

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
