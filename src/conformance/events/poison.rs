//! Malformed messages: one valid message of every shape, damaged in every place. There is always a reply, and
//! it acknowledges nothing that no function has done.

use bytes::Bytes;
use http::{HeaderValue, Request};
use omnifn_core::{Inverse, event::Class};
use serde_json::{Value, json};

use super::{
    super::{report::CaseReport, setup::Conformance},
    exchange::{Poisoned, spec},
    sample,
};

/// The value that replaces another one.
fn instead(value: &Value) -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("null", Value::Null),
        ("a string", json!("\u{0}\u{fffd} %2B+")),
        ("a number", json!(-1.5e300)),
        ("true", json!(true)),
        ("an empty list", json!([])),
        ("an empty object", json!({})),
        ("a list around it", json!([value])),
        ("a list of it twice", json!([value, value])),
        ("reserved keys", json!({"body": 1, "headers": null, "payload": [], "sys": {}, "data": "x", "Records": [{}]})),
    ];
    if let Value::Number(number) = value {
        all.push(("the number as a string", json!(number.to_string())));
    }
    if let Value::String(text) = value {
        all.push(("the JSON in the string", serde_json::from_str(text).unwrap_or_default()));
        all.push(("half of the string", json!(text.chars().take(text.chars().count() / 2).collect::<String>())));
    }
    all
}

/// The JSON pointers of all values in a value, those in strings that hold JSON not.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    let escape = |key: &str| key.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(map) => map.iter().for_each(|(key, value)| places(value, &format!("{at}/{}", escape(key)), all)),
        Value::Array(list) => list.iter().enumerate().for_each(|(i, value)| places(value, &format!("{at}/{i}"), all)),
        _ => {}
    }
}

/// The message with another body; its length is the sender's to tell.
fn with(message: &Request<Bytes>, body: impl Into<Bytes>) -> Request<Bytes> {
    let (head, _) = message.clone().into_parts();
    Request::from_parts(head, body.into())
}

fn spoiled(message: &Request<Bytes>, large: usize) -> Vec<(String, Request<Bytes>)> {
    let mut all = Vec::new();
    let body = message.body();
    for (name, content) in [
        ("nothing", Bytes::new()),
        ("null", "null".into()),
        ("an empty list", "[]".into()),
        ("an empty object", "{}".into()),
        ("a list of nulls", "[null, null]".into()),
        ("no records", r#"{"Records": null}"#.into()),
        ("records of nothing", r#"{"Records": [null, {}, 7]}"#.into()),
        ("deep lists", "[".repeat(100_000).into()),
        ("deep objects", r#"{"Records":"#.repeat(50_000).into()),
        ("much of nothing after it", [body, &b" ".repeat(large)[..]].concat().into()),
        ("a long string", format!("\"{}\"", "a".repeat(large)).into()),
        ("no UTF-8", b"\xff\xfe{\x80}".to_vec().into()),
        ("a NUL", b"\0".to_vec().into()),
        ("a mark of the byte order", [b"\xef\xbb\xbf", &body[..]].concat().into()),
        ("more after it", [body, &b" 1"[..]].concat().into()),
    ] {
        all.push((format!("the body: {name}"), with(message, content)));
    }
    for end in (0..body.len()).step_by(body.len() / 40 + 1) {
        all.push((format!("the body's first {end} bytes"), with(message, body.slice(..end))));
        let mut bytes = body.to_vec();
        bytes[end] = 0xff;
        all.push((format!("no UTF-8 at byte {end}"), with(message, bytes)));
    }
    if let Ok(value) = serde_json::from_slice::<Value>(body) {
        let mut all_places = Vec::new();
        places(&value, "", &mut all_places);
        for place in all_places {
            let found = value.pointer(&place).cloned().unwrap_or_default();
            for (name, other) in instead(&found) {
                let mut value = value.clone();
                if let Some(place) = value.pointer_mut(&place) {
                    *place = other;
                }
                all.push((format!("{place}: {name}"), with(message, value.to_string())));
            }
        }
    }
    for name in message.headers().keys() {
        let mut without = message.clone();
        without.headers_mut().remove(name);
        all.push((format!("without {name}"), without));
        for bytes in [&b""[..], b"\xff\xfe", b"9999999999999999999999", b"-1", b"{\"a\":", b"null"] {
            let value = HeaderValue::from_bytes(bytes).unwrap_or_else(|_| HeaderValue::from_static(""));
            let mut other = message.clone();
            other.headers_mut().insert(name, value.clone());
            all.push((format!("{name}: {value:?}"), other));
            let mut twice = message.clone();
            twice.headers_mut().append(name, value.clone());
            all.push((format!("{name} twice, then {value:?}"), twice));
        }
    }
    all
}

/// A delivery of nothing: an answer of success loses no event.
fn holds_no_event(poison: &str) -> bool {
    poison.ends_with(": an empty list") || poison == "/records: an empty object"
}

fn check(poisoned: &Poisoned) -> Result<(), String> {
    match poisoned {
        Poisoned { acknowledged: Some(acknowledged), calls: 0 } if acknowledged.iter().all(|yes| *yes) => {
            Err("acknowledged, and no function saw it".to_owned())
        }
        _ => Ok(()),
    }
}

/// Sends poison in a shape. `large` is the most bytes that are sent.
pub(crate) async fn poison<A: Inverse>(
    suite: &Conformance<A>,
    class: Class,
    shape: &'static str,
    large: usize,
) -> Vec<CaseReport> {
    let own = match suite.message(class, shape, vec![sample::acting(class, "ok")]) {
        Ok(own) => own,
        Err(error) => {
            let result = Err(format!("cannot be written: {error}"));
            return vec![suite.case(shape, "a message of this shape".to_owned(), result)];
        }
    };
    let mut wrong = Vec::new();
    for (name, poison) in spoiled(&own, large) {
        if let Err(why) = check(&suite.answer(class, shape, &own, poison).await)
            && !holds_no_event(&name)
        {
            wrong.push(format!("{name}: {why}"));
        }
    }
    let name = "a message that is spoiled in any place is not acknowledged without a function";
    let spoiled = suite.case(shape, name.to_owned(), none(wrong));

    let mut wrong = Vec::new();
    for (name, foreign) in foreign(suite) {
        // Its address is this provider's; the rest is not.
        let mut sent = with(&own, foreign.body().clone());
        *sent.headers_mut() = foreign.headers().clone();
        if let Err(why) = check(&suite.answer(class, shape, &own, sent).await) {
            wrong.push(format!("{name}: {why}"));
        }
    }
    let name = "a message of another class or another provider is not acknowledged without a function";
    vec![spoiled, suite.case(shape, name.to_owned(), none(wrong))]
}

fn none(wrong: Vec<String>) -> Result<(), String> {
    if wrong.is_empty() { Ok(()) } else { Err(format!("{} in all:\n{}", wrong.len(), wrong.join("\n"))) }
}

/// A message in each shape of each class of this provider and of omnifn's own.
fn foreign<A: Inverse>(suite: &Conformance<A>) -> Vec<(String, Request<Bytes>)> {
    fn of<A: Inverse>(new: impl Fn(&str) -> A, all: &mut Vec<(String, Request<Bytes>)>) {
        for class in Class::EVENTS {
            for shape in A::event_shapes(class) {
                let (adapter, event) = (new(shape), sample::acting(class, "ok").event);
                if let Ok(message) = adapter.write_events(shape, spec::<A>(class, shape), vec![event]) {
                    all.push((format!("{}, {class}, {shape}", adapter.provider()), message));
                }
            }
        }
    }
    fn nothing(_: &str) -> Option<String> {
        None
    }
    let mut all = Vec::new();
    of(|shape| (suite.new)(shape), &mut all);
    of(|_| omnifn_aws::Aws::new(&nothing), &mut all);
    of(|_| omnifn_azure::Azure::new(&nothing), &mut all);
    of(|_| omnifn_gcp::Gcp::new(&nothing), &mut all);
    of(|_| omnifn_local::Local::new(&nothing), &mut all);
    all
}
