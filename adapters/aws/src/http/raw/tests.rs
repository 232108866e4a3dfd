use serde_json::Value;

use super::*;
use crate::http::tests::{and_slips, recorded};

const PATHS: [&str; 12] = [
    "/requestContext",
    "/requestContext/http",
    "/requestContext/http/method",
    "/requestContext/elb",
    "/requestContext/domainName",
    "/Records",
    "/headers/host",
    "/path",
    "/path/a",
    "/httpMethod",
    "/detail-type",
    "/s3/bucket/name",
];

#[test]
fn it_answers_as_a_whole_tree_would() {
    let mut compared = 0;
    for event in ["http", "events"].into_iter().flat_map(recorded) {
        for json in and_slips(&event).filter(|json| json.len() % 3 == 0 || json.len() == event.len()) {
            let Ok(value) = serde_json::from_slice::<Value>(&json) else { continue };
            compared += 1;
            same(Raw::of(&json), &value);
            let object = Raw::of(&json).object();
            assert_eq!(object.is_some(), value.is_object());
            let (Some(object), Some(map)) = (object, value.as_object()) else { continue };
            let names: Vec<_> = map.keys().cloned().collect();
            assert_eq!((object.is_empty(), object.names().collect::<Vec<_>>()), (map.is_empty(), names));
            for path in PATHS {
                let known = value.pointer(path);
                assert_eq!(object.has(path), known.is_some_and(|value| !value.is_null()), "{path}");
                assert_eq!(object.at(path).is_some(), known.is_some(), "{path}");
                assert_eq!(object.text(path).as_deref(), known.and_then(Value::as_str), "{path}");
                if let (Some(raw), Some(known)) = (object.at(path), known) {
                    same(raw, known);
                }
            }
        }
    }
    assert!(compared > 2_000, "{compared}");
}

fn same(raw: Raw<'_>, known: &Value) {
    let (first, count) = raw.list().unzip();
    assert_eq!(count, known.as_array().map(Vec::len));
    let first = first.flatten().map(|first| serde_json::from_slice::<Value>(first.0).expect("JSON"));
    assert_eq!(first.as_ref(), known.as_array().and_then(|list| list.first()));
}
