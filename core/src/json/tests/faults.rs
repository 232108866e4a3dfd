//! What is no JSON is so for the reason that `serde_json` says, where it says it.

use proptest::{collection::vec, prelude::*, sample::Index};
use serde_json::Value;

use super::{Scanner, json};
use crate::json::fault;

/// What only who keeps a value has to say: its texts, its numbers and how deep it is are not asked for.
const KEPT: [&str; 5] = ["unicode", "surrogate", "hex escape", "out of range", "recursion"];

fn agree(json: &[u8]) {
    let shown = json.escape_ascii();
    let said = fault(json).map(|fault| fault.to_string());
    let mut scanner = Scanner::new(json);
    assert_eq!(scanner.skip().and_then(|()| scanner.end()).is_none(), said.is_some(), "{said:?}: {shown}");
    let known = serde_json::from_slice::<Value>(json).err().map(|error| error.to_string());
    if !known.as_ref().is_some_and(|known| KEPT.iter().any(|words| known.contains(words))) {
        assert_eq!(said, known, "{shown}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn any_text_of_json(text in "[{}\\[\\]\",:0-9a-f\\\\ un.eE+\n-]{0,40}") {
        agree(text.as_bytes());
    }

    #[test]
    fn any_text(text in "\"(\\\\[\"\\\\/bfnrtux]|[0-9a-f]|\\PC|[\\x00-\\x20]){0,12}\"?") {
        agree(text.as_bytes());
    }

    #[test]
    fn any_number(text in "-?[01]{0,3}(\\.[01]{0,2})?([eE][+-]?[01]{0,2})?[ x]?") {
        agree(text.as_bytes());
    }

    #[test]
    fn json_that_breaks_off(value in json(), pretty: bool, at: Index) {
        let text = if pretty { format!("{value:#}") } else { value.to_string() };
        agree(&text.as_bytes()[..at.index(text.len() + 1)]);
    }

    #[test]
    fn json_with_slips(value in json(), slips in vec((any::<Index>(), 0_usize..4, "[\\PC\"\\\\{}\\[\\]0-9.,:-]{0,3}"), 1..3)) {
        let mut json = format!("{value:#}").into_bytes();
        for (at, length, piece) in slips {
            let at = at.index(json.len() + 1);
            let end = json.len().min(at + length);
            json.splice(at..end, piece.into_bytes());
        }
        agree(&json);
    }
}

#[test]
fn it_may_be_as_deep_as_it_will() {
    let deep = |depth: usize| ["[{\"a\":".repeat(depth), "1".to_owned(), "}]".repeat(depth)].concat();
    for depth in [1, 15, 16, 31, 32, 33, 62, 63, 64, 65, 100_000] {
        let json = deep(depth);
        let mut scanner = Scanner::new(&json[..]);
        assert_eq!(scanner.value(), Some(&json[..]), "{depth}");
        assert!(fault(json.as_bytes()).is_none(), "{depth}");
        // One bracket of another kind, or too few.
        for wrong in
            [json.replacen("}]}", "]]}", 1), json[..json.len() - 1].to_owned(), deep(depth).replacen("1}", "1]", 1)]
        {
            let is_json = wrong == json;
            assert_eq!(Scanner::new(&wrong[..]).skip().is_some(), is_json, "{depth}");
            assert_eq!(fault(wrong.as_bytes()).is_none(), is_json, "{depth}");
        }
    }
}

#[test]
fn a_name_may_have_escapes() {
    let json = "{\"a\":1,\"\\u0062\\n\":2, \"c\\\"\" :3,\"\u{e9}\":4}";
    let mut names = Vec::new();
    let mut scanner = Scanner::new(json);
    let read = scanner.members(|scanner, name| {
        names.push(name.to_owned());
        scanner.skip()
    });
    assert_eq!((read, names), (Some(()), ["a", "b\n", "c\"", "\u{e9}"].map(str::to_owned).to_vec()));
    for json in [r#"{"a" 1}"#, r#"{"\x":1}"#, r#"{"\ud800":1}"#, "{1:1}", "{\"a", "{"] {
        assert!(Scanner::new(json).members(|scanner, _| scanner.skip()).is_none(), "{json}");
    }
}
