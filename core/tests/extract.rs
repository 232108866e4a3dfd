//! The extractors: what fits, what does not, and what the caller then reads.

use std::{collections::BTreeMap, fmt::Debug};

use http::{Request, StatusCode, header, request::Parts};
use omnifn_core::{
    Body, FromRequest, FromRequestParts, IntoResponse, Payload,
    extract::{Json, Path, Query},
};
use proptest::prelude::*;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use tower::ServiceExt as _;

mod support;

use support::block_on;

/// What was read, in Rust's own notation, or the status and the words that the caller gets.
type Read = Result<String, (u16, String)>;

fn refused(rejection: impl IntoResponse) -> (u16, String) {
    let (head, body) = rejection.into_response().into_parts();
    let body = block_on(Payload::Stream(body).collect(100_000)).unwrap();
    let words = match serde_json::from_slice::<serde_json::Value>(&body) {
        Ok(problem) => problem["detail"].as_str().unwrap_or_default().to_owned(),
        Err(_) => String::from_utf8_lossy(&body).into_owned(),
    };
    (head.status.as_u16(), words)
}

fn parts(uri: &str) -> Parts {
    Request::get(uri).body(()).unwrap().into_parts().0
}

fn path<T: DeserializeOwned + Debug + Send + 'static>(pattern: &'static str, path: &str) -> Read {
    let handler = async |path: Result<Path<T>, omnifn_core::Error>| match path {
        Ok(Path(value)) => format!("{value:?}").into_response(),
        Err(error) => error.into_response(),
    };
    let router = axum::Router::new().route(pattern, axum::routing::get(handler));
    let uri = omnifn_core::uri::origin_form(path, "").unwrap();
    let response = block_on(router.oneshot(Request::get(uri).body(Body::empty()).unwrap())).unwrap();
    match response.status() {
        StatusCode::OK => {
            Ok(String::from_utf8(block_on(Payload::Stream(response.into_body()).collect(100_000)).unwrap().into())
                .unwrap())
        }
        _ => Err(refused(response)),
    }
}

fn query<T: DeserializeOwned + Debug>(query: &str) -> Read {
    let uri = omnifn_core::uri::origin_form("/", query).unwrap();
    let mut parts = parts("/");
    parts.uri = uri;
    let read = block_on(Query::<T>::from_request_parts(&mut parts, &()));
    read.map(|Query(value)| format!("{value:?}")).map_err(refused)
}

fn json<T: DeserializeOwned + Debug>(content_type: &str, body: &'static str) -> Read {
    let request = Request::post("/").header(header::CONTENT_TYPE, content_type).body(Body::from(body)).unwrap();
    let read = block_on(Json::<T>::from_request(request, &()));
    read.map(|Json(value)| format!("{value:?}")).map_err(refused)
}

/// A row: what it shows, what was read, and what is expected (`Err`: the status, and words that must be there).
type Row = (&'static str, Read, Result<&'static str, (u16, &'static str)>);

fn check(table: Vec<Row>) {
    for (what, read, expected) in table {
        match (&read, expected) {
            (Ok(value), Ok(expected)) => assert_eq!(value, expected, "{what}"),
            (Err((status, words)), Err((expected, part))) => {
                assert_eq!(*status, expected, "{what}: {words}");
                assert!(words.contains(part), "{what}: {words:?} does not say {part:?}");
                assert!(status / 100 == 4 || words.is_empty(), "{what}: a {status} tells the caller {words:?}");
            }
            _ => panic!("{what}: {read:?}, expected {expected:?}"),
        }
    }
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "shown by Debug")]
struct Note {
    id: u64,
    tag: String,
}

#[derive(Debug, Deserialize)]
struct Id(#[expect(dead_code, reason = "shown by Debug")] u64);

#[derive(Debug, Deserialize)]
struct Pair(
    #[expect(dead_code, reason = "shown by Debug")] u64,
    #[expect(dead_code, reason = "shown by Debug")] String,
);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Colour {
    Red,
    Blue,
}

#[test]
fn paths() {
    const NOTE: &str = "/notes/{id}/{tag}";
    check(vec![
        ("a text", path::<String>("/{a}", "/x"), Ok(r#""x""#)),
        ("percent-encoded", path::<String>("/{a}", "/gr%C3%BC%C3%9Fe%20%2B"), Ok(r#""grüße +""#)),
        ("an encoded slash", path::<String>("/{a}", "/a%2Fb"), Ok(r#""a/b""#)),
        ("a plus is a plus", path::<String>("/{a}", "/a+b"), Ok(r#""a+b""#)),
        ("a percent alone", path::<String>("/{a}", "/100%"), Ok(r#""100%""#)),
        ("encoded once", path::<String>("/{a}", "/%2525"), Ok(r#""%25""#)),
        ("not UTF-8", path::<String>("/{a}", "/%ff"), Err((400, "`a` is not UTF-8"))),
        ("a wildcard", path::<String>("/{*rest}", "/a/b%2Fc//"), Ok(r#""a/b/c//""#)),
        ("a number", path::<u64>("/{id}", "/7"), Ok("7")),
        ("a negative number", path::<i8>("/{id}", "/-128"), Ok("-128")),
        (
            "a large number",
            path::<u128>("/{id}", "/340282366920938463463374607431768211455"),
            Ok("340282366920938463463374607431768211455"),
        ),
        ("a fraction", path::<f64>("/{x}", "/1.5"), Ok("1.5")),
        ("a truth", path::<bool>("/{x}", "/true"), Ok("true")),
        ("a letter", path::<char>("/{x}", "/%E6%97%A5"), Ok("'日'")),
        // axum reads no option of a whole path, which always has its parameter.
        ("an option", path::<Option<u8>>("/{x}", "/7"), Err((500, ""))),
        ("an option, in a tuple", path::<(Option<u8>,)>("/{x}", "/7"), Ok("(Some(7),)")),
        ("a newtype", path::<Id>("/{x}", "/7"), Ok("Id(7)")),
        ("an enum", path::<Colour>("/{x}", "/red"), Ok("Red")),
        ("a tuple of one", path::<(u8,)>("/{x}", "/7"), Ok("(7,)")),
        ("a tuple", path::<(u64, String)>(NOTE, "/notes/7/red"), Ok(r#"(7, "red")"#)),
        ("a tuple struct", path::<Pair>(NOTE, "/notes/7/red"), Ok(r#"Pair(7, "red")"#)),
        ("a struct", path::<Note>(NOTE, "/notes/7/red"), Ok(r#"Note { id: 7, tag: "red" }"#)),
        ("a struct, the other order", path::<Note>("/{tag}/{id}", "/red/7"), Ok(r#"Note { id: 7, tag: "red" }"#)),
        ("a struct of fewer", path::<Note>("/{tag}/{id}/{more}", "/red/7/x"), Ok(r#"Note { id: 7, tag: "red" }"#)),
        ("a list", path::<Vec<String>>(NOTE, "/notes/7/red"), Ok(r#"["7", "red"]"#)),
        ("a map", path::<BTreeMap<String, String>>(NOTE, "/notes/7/red"), Ok(r#"{"id": "7", "tag": "red"}"#)),
        ("pairs of colours", path::<(Colour, Colour)>("/{a}/{b}", "/red/blue"), Ok("(Red, Blue)")),
        ("nothing of it", path::<()>("/{a}", "/x"), Ok("()")),
        ("no number", path::<u64>("/{id}", "/seven"), Err((400, r#"`id` is "seven", expected u64"#))),
        ("a number too large", path::<u8>("/{id}", "/256"), Err((400, r#"`id` is "256", expected u8"#))),
        ("a number below zero", path::<u8>("/{id}", "/-1"), Err((400, r#"`id` is "-1", expected u8"#))),
        (
            "no number, in a tuple",
            path::<(u64, u64)>(NOTE, "/notes/7/red"),
            Err((400, r#"`tag` is "red", expected u64"#)),
        ),
        ("no number, in a struct", path::<Note>(NOTE, "/notes/x/red"), Err((400, r#"`id` is "x", expected u64"#))),
        ("no number, in an option", path::<(Option<u8>,)>("/{x}", "/y"), Err((400, r#"`x` is "y", expected u8"#))),
        ("no number, in a newtype", path::<Id>("/{x}", "/y"), Err((400, r#"`x` is "y", expected u64"#))),
        (
            "no such colour",
            path::<Colour>("/{x}", "/green"),
            Err((400, r#"`x` is "green", expected another value: unknown variant `green`, expected `red` or `blue`"#)),
        ),
        ("no truth", path::<bool>("/{x}", "/1"), Err((400, r#"`x` is "1", expected bool"#))),
        ("two letters", path::<char>("/{x}", "/ab"), Err((400, r#"`x` is "ab", expected char"#))),
        // The author's mistakes: the caller learns nothing, and can change nothing.
        ("one of two", path::<u64>(NOTE, "/notes/7/red"), Err((500, ""))),
        ("three of two", path::<(u64, String, u8)>(NOTE, "/notes/7/red"), Err((500, ""))),
        ("one of none", path::<String>("/notes", "/notes"), Err((500, ""))),
        ("a field that the route lacks", path::<Note>("/notes/{id}", "/notes/7"), Err((500, ""))),
    ]);
}

#[derive(Debug, Deserialize)]
#[expect(dead_code, reason = "shown by Debug")]
struct Filter {
    #[serde(default)]
    tag: Vec<String>,
    limit: Option<u32>,
}

type Pairs = Vec<(String, String)>;

#[test]
fn queries() {
    check(vec![
        ("nothing", query::<Filter>(""), Ok("Filter { tag: [], limit: None }")),
        ("repeated", query::<Filter>("tag=a&tag=b&limit=7"), Ok(r#"Filter { tag: ["a", "b"], limit: Some(7) }"#)),
        (
            "repeated, apart",
            query::<Filter>("tag=b&limit=7&tag=a"),
            Ok(r#"Filter { tag: ["b", "a"], limit: Some(7) }"#),
        ),
        ("unknown keys", query::<Filter>("x=1&y"), Ok("Filter { tag: [], limit: None }")),
        ("plus and percent", query::<Pairs>("a+b=c+d%2B%26%C3%A9"), Ok(r#"[("a b", "c d+&é")]"#)),
        ("no `=`", query::<Pairs>("a&b"), Ok(r#"[("a", ""), ("b", "")]"#)),
        ("no key", query::<Pairs>("=b&=c"), Ok(r#"[("", "b"), ("", "c")]"#)),
        ("two `=`", query::<Pairs>("a=b=c"), Ok(r#"[("a", "b=c")]"#)),
        ("order is kept", query::<Pairs>("b=1&a=2&b=3"), Ok(r#"[("b", "1"), ("a", "2"), ("b", "3")]"#)),
        ("ampersands alone", query::<Pairs>("&&a=1&"), Ok(r#"[("a", "1")]"#)),
        ("a semicolon is no separator", query::<Pairs>("a=1;b=2"), Ok(r#"[("a", "1;b=2")]"#)),
        ("raw non-ASCII", query::<Pairs>("é=日本"), Ok(r#"[("é", "日本")]"#)),
        ("a percent alone", query::<Pairs>("a=%&b=%zz"), Ok(r#"[("a", "%"), ("b", "%zz")]"#)),
        ("no number", query::<Filter>("limit=many"), Err((400, "invalid digit"))),
        ("one value twice", query::<Filter>("limit=1&limit=2"), Err((400, "the query key `limit` was given twice"))),
        (
            "one value three times",
            query::<Filter>("limit=1&tag=a&limit=2&limit"),
            Err((400, "`limit` was given 3 times")),
        ),
        ("an encoded key twice", query::<Filter>("lim%69t=1&limit=2"), Err((400, "`limit` was given twice"))),
        ("a number too large", query::<Filter>("limit=4294967296"), Err((400, "too large"))),
        ("a missing key", query::<Note>("id=7"), Err((400, "missing field `tag`"))),
        ("the key of what does not fit", query::<Filter>("limit=many"), Err((400, "`limit`"))),
    ]);
}

#[derive(Debug, Serialize, Deserialize)]
struct Order {
    items: Vec<Item>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Item {
    count: u32,
}

#[test]
fn documents() {
    const GOOD: &str = r#"{"items":[{"count":1}]}"#;
    const READ: Result<&str, (u16, &str)> = Ok("Order { items: [Item { count: 1 }] }");
    const NOT: Result<&str, (u16, &str)> = Err((415, "expected Content-Type application/json"));
    let utf8 = "application/json; charset=utf-8";
    check(vec![
        ("JSON", json::<Order>("application/json", GOOD), READ),
        ("with a charset", json::<Order>(utf8, GOOD), READ),
        ("in upper case", json::<Order>("Application/JSON", GOOD), READ),
        ("with a suffix", json::<Order>("application/vnd.api+json", GOOD), READ),
        ("with a suffix in upper case", json::<Order>("application/problem+JSON;v=1", GOOD), READ),
        ("with spaces", json::<Order>(" application/json ; v=1", GOOD), READ),
        ("white space around", json::<Order>(utf8, " \n{\"items\":[] }\t"), Ok("Order { items: [] }")),
        ("text", json::<Order>("text/plain", GOOD), NOT),
        ("text called json", json::<Order>("text/json", GOOD), NOT),
        ("a form", json::<Order>("application/x-www-form-urlencoded", GOOD), NOT),
        ("a type that begins so", json::<Order>("application/jsonl", GOOD), NOT),
        ("a suffix alone", json::<Order>("application/+json", GOOD), NOT),
        ("nothing", json::<Order>("", GOOD), NOT),
        ("not ASCII", json::<Order>("application/jsoñ", GOOD), NOT),
        ("what came", json::<Order>("text/csv", GOOD), Err((415, "text/csv"))),
        ("an empty body", json::<Order>(utf8, ""), Err((400, "not JSON"))),
        ("a truncated body", json::<Order>(utf8, r#"{"items":[{"count":"#), Err((400, "not JSON"))),
        ("more than one document", json::<Order>(utf8, "{\"items\":[]} x"), Err((400, "not JSON"))),
        ("not UTF-8", json::<String>(utf8, "\"\\ud800\""), Err((400, "not JSON"))),
        ("another type", json::<Order>(utf8, "[]"), Err((422, "does not match the expected type"))),
        ("the place", json::<Order>(utf8, r#"{"items":[{"count":1},{"count":"2"}]}"#), Err((422, "`items[1].count`"))),
        ("line and column", json::<Order>(utf8, "{\"items\":\n7}"), Err((422, "line 2 column 1"))),
        ("a missing field", json::<Order>(utf8, "{}"), Err((422, "missing field `items`"))),
        ("a number too large", json::<u8>(utf8, "256"), Err((422, "256"))),
    ]);
}

/// Nesting has an end, long before that of the stack.
#[test]
fn a_deep_document_is_refused() {
    let deep: &'static str = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000)).leak();
    check(vec![("a tree", json::<serde_json::Value>("application/json", deep), Err((400, "not JSON")))]);
}

#[test]
fn a_missing_content_type_is_reported() {
    let request = Request::post("/").body(Body::from("{}")).unwrap();
    let error = block_on(Json::<Order>::from_request(request, &())).unwrap_err();
    assert_eq!(refused(error), (415, "expected Content-Type application/json, found none".to_owned()));
}

#[test]
fn an_answer_in_json() {
    let response = Json(Order { items: vec![Item { count: 2 }] }).into_response();
    let (head, body) = response.into_parts();
    assert_eq!(
        (head.status, &head.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"application/json".parse().unwrap())
    );
    assert_eq!(block_on(Payload::Stream(body).collect(100)).unwrap(), r#"{"items":[{"count":2}]}"#);
    let unwritable = BTreeMap::from([((1, 2), 3)]);
    assert_eq!(refused(Json(unwritable)), (500, String::new()));
}

proptest! {
    #[test]
    fn no_path_is_too_strange(a in "[^/]{1,20}", b in "[^/]{1,20}") {
        let at = format!("/notes/{a}/{b}");
        for read in [
            path::<(u64, String)>("/notes/{id}/{tag}", &at),
            path::<Note>("/notes/{id}/{tag}", &at),
            path::<(Colour, f32)>("/notes/{id}/{tag}", &at),
            path::<(char, bool)>("/notes/{id}/{tag}", &at),
        ] {
            prop_assert!(read.is_ok() || read.is_err_and(|(status, words)| status == 400 && !words.is_empty()));
        }
    }

    #[test]
    fn no_query_is_too_strange(text in any::<String>(), form in "([a&=+;%]|%[0-9a-fA-F]{2}|limit|tag){0,20}") {
        for text in [&text, &form] {
            let strange = query::<Filter>(text);
            prop_assert!(strange.is_ok() || strange.is_err_and(|(status, words)| status == 400 && !words.is_empty()));
            prop_assert!(query::<Pairs>(text).is_ok());
        }
    }

    #[test]
    fn a_pair_comes_through(key in any::<String>(), value in any::<String>()) {
        let encode = omnifn_core::uri::encode_query;
        let read = query::<Pairs>(&format!("{}={}", encode(&key), encode(&value)));
        prop_assert_eq!(read, Ok(format!("{:?}", [(key, value)])));
    }

    #[test]
    fn no_document_is_too_strange(text in "[\\[\\]{}\",:0-9a-z\\\\ ]{0,40}") {
        let read = json::<Order>("application/json", text.leak());
        prop_assert!(read.is_ok() || read.is_err_and(|(status, words)| [400, 422].contains(&status) && !words.is_empty()));
    }
}
