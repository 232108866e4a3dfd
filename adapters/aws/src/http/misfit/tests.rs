use omnifn_core::{Error, ErrorKind, place_in_json};
use serde_json::Value;

use super::*;
use crate::http::{
    scan,
    tests::{and_slips, oracle, recorded},
};

/// What serde says of an event that is JSON and does not fit.
fn known(json: &[u8]) -> Option<(String, String)> {
    let error = serde_json::from_slice::<oracle::Event<'_>>(json).err()?;
    let path = place_in_json(json, &error).unwrap_or_else(|| ".".to_owned());
    let words = Error::new(ErrorKind::Decode, "").with_json_source(&error).source()?.to_string();
    let words = words.replace("a sequence", "a list of texts");
    let words = ["Event", "RequestContext", "Http", "Identity"]
        .iter()
        .fold(words, |words, name| words.replace(&format!("struct {name}"), "an object"));
    Some((path, words))
}

/// Whether something was found; then it is what serde says, and where.
fn agrees(json: &[u8]) -> bool {
    let shown = || String::from_utf8_lossy(json).into_owned();
    let found = find(json).map(|(path, fault)| (path, fault.to_string()));
    assert_eq!(scan::event(json).is_none(), found.is_some(), "{found:?}: {}", shown());
    let Some((path, words)) = found else { return false };
    let Some((known_path, known)) = known(json) else {
        assert!(words.contains("sequence, expected an object"), "{words}: {}", shown());
        return true;
    };
    // Serde would take a list for an object, were its elements such as the members are.
    if known.contains(" with ") || words.contains("sequence, expected an object") {
        return true;
    }
    // Of a list that should be a text it says where its first element is.
    if words.contains("sequence, expected a text at") {
        assert_eq!(words.split(" at ").next(), known.split(" at ").next(), "{}", shown());
        return true;
    }
    // A name is told as it means, and not as it stands there.
    if !known_path.contains('\\') {
        assert_eq!((path, words), (known_path, known), "{}", shown());
    }
    true
}

#[test]
fn it_is_what_serde_says() {
    let mut found = 0;
    for event in recorded("http") {
        for json in and_slips(&event) {
            // Not what `Value` refuses, which serde may notice before it.
            if serde_json::from_slice::<Value>(&json).is_ok_and(|value| value.is_object()) {
                found += usize::from(agrees(&json));
            }
        }
    }
    assert!(found > 200, "{found}");
}

#[test]
fn each_place_has_its_words() {
    const OTHERS: [&str; 11] =
        ["null", "true", "7", "-1.5", "1e3", r#""x""#, "[]", "[ ]", "[ 1, 2]", r#"[["a"]]"#, "{\n\"a\": 1}"];
    let mut found = 0;
    for (outer, names) in [
        ("{\"%\": ?}", &["version", "cookies", "headers", "isBase64Encoded", "requestContext", "type", "other"][..]),
        ("{\"requestContext\": {\n\"%\": ?}}", &["http", "identity", "elb", "authorizer", "stage", "connectionId"]),
        ("{\"requestContext\": {\"http\": {\"%\" : ? }}}", &["method", "sourceIp"]),
        ("{\"headers\": {\"a\": \"1\", \"%\" :?}}", &["b", "a"]),
        ("{\"multiValueHeaders\": {\"%\": [\"1\", ?]}}", &["b"]),
        ("{\"cookies\": [\"%\", ?]}", &["b"]),
        ("{\"path\": null, \"%\": ?}", &["path", "body"]),
    ] {
        for (name, other) in names.iter().flat_map(|name| OTHERS.map(|other| (name, other))) {
            found += usize::from(agrees(outer.replace('%', name).replace('?', other).as_bytes()));
        }
    }
    assert!(found > 100, "{found}");
}

#[test]
fn what_serde_notices_elsewhere() {
    for (json, place, words) in [
        (&b"{\"a\": 1, \"\xff\": 2}"[..], ".", "invalid unicode code point at line 1 column 12"),
        (b"{\"requestContext\": {\"\xff\": 2}}", "requestContext", "invalid unicode code point at line 1 column 23"),
        (
            b"{\"requestContext\": {\"authorizer\": [\"\xff\"]}}",
            "requestContext.authorizer",
            "invalid unicode code point at line 1 column 39",
        ),
        (
            b"{\"requestContext\": []}",
            "requestContext",
            "invalid type: sequence, expected an object at line 1 column 19",
        ),
    ] {
        let (path, fault) = find(json).expect("a misfit");
        assert_eq!((&*path, &*fault.to_string()), (place, words));
        assert!(scan::event(json).is_none());
    }
}
