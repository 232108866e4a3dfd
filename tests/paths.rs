//! The same client request through every front door: a function receives the same path parameters, query, header and body. What a front door
//! loses is in the table here, and in SUPPORT.md. The adapters' inverses model each gateway by the platform's documentation.

use bytes::Bytes;
use http::Request;
use omnifn::{
    prelude::*,
    testing::{Answered, Testing},
};

#[function(any = "/files/{name}")]
async fn one(Path(name): Path<String>, query: Query<Vec<(String, String)>>, headers: HeaderMap, body: Bytes) -> String {
    seen("one", &name, query, &headers, &body)
}

#[function(any = "/files/{first}/{*rest}")]
async fn several(
    Path((first, rest)): Path<(String, String)>,
    query: Query<Vec<(String, String)>>,
    headers: HeaderMap,
    body: Bytes,
) -> String {
    seen("several", &format!("{first}|{rest}"), query, &headers, &body)
}

fn seen(
    function: &str,
    path: &str,
    Query(query): Query<Vec<(String, String)>>,
    head: &HeaderMap,
    body: &[u8],
) -> String {
    let header = head.get("x-name").map(|value| value.as_bytes().escape_ascii().to_string());
    format!("{function} {path:?} {query:?} {header:?} {}", body.escape_ascii())
}

/// A path that the client writes, and what the functions receive of it.
const PATHS: &[(&str, &str)] = &[
    ("/files/tea", r#"one "tea""#),
    ("/files/a%20b", r#"one "a b""#),
    ("/files/a%2520b", r#"one "a%20b""#),
    ("/files/100%25", r#"one "100%""#),
    ("/files/%25252F", r#"one "%252F""#),
    ("/files/gr%C3%BC%C3%9Fe", r#"one "grüße""#),
    ("/files/gr%c3%bc%c3%9fe", r#"one "grüße""#),
    ("/files/%E6%97%A5%F0%9F%A6%80", r#"one "日🦀""#),
    ("/files/a+b%2Bc", r#"one "a+b+c""#),
    ("/files/a%3Fb%23c", r#"one "a?b#c""#),
    ("/files/a;v=1,2:3@x!$&'()*~", r#"one "a;v=1,2:3@x!$&'()*~""#),
    ("/files/%3Ba%3D%26%40", r#"one ";a=&@""#),
    ("/files/%22%3C%3E%5B%5D%5E%60%7B%7C%7D", r#"one "\"<>[]^`{|}""#),
    ("/files/a%5Cb", r#"one "a\\b""#),
    ("/files/a%00b%7F", r#"one "a\0b\u{7f}""#),
    ("/files/a/b%20c/d%25e", r#"several "a|b c/d%e""#),
    ("/files/a%2Fb", r#"one "a/b""#),
    ("/files/a%252Fb", r#"one "a%2Fb""#),
    ("/files/a/b%2Fc", r#"several "a|b/c""#),
    ("/files/%2e%2E", r#"one "..""#),
    // Cloud Run decodes the letters itself.
    ("/files/%41%7a%35%20%2541", r#"one "Az5 %41""#),
];

/// What a front door makes of a path instead: the provider, the shapes, the path, and what the functions receive.
const LOST: &[(&str, &[&str], &str, &str)] =
    // An HTTP API decodes the path, so an encoded slash becomes one between two segments.
    &[("aws", &["http-api-v1", "http-api-v2"], "/files/a%2Fb", r#"several "a|b""#)];

async fn through_every_door(new: impl Fn() -> Request<Bytes>) -> Vec<Answered> {
    Testing::new(|| omnifn::app!(one, several)).request_everywhere(new).await.expect_all()
}

fn received(answered: Answered) -> (String, String) {
    let door = format!("{}, {}", answered.provider, answered.shape);
    let response = answered.response.unwrap_or_else(|error| panic!("{door}: {error}"));
    (door, format!("{} {}", response.status().as_u16(), String::from_utf8_lossy(response.body())))
}

#[tokio::test]
async fn a_path_is_the_same_through_every_front_door() {
    let mut wrong = Vec::new();
    for (path, expected) in PATHS {
        let request = || Request::get(format!("http://example.com{path}")).body(Bytes::new()).expect("a request");
        for answered in through_every_door(request).await {
            let lost = LOST.iter().find(|(provider, shapes, of, _)| {
                *provider == answered.provider && shapes.contains(&answered.shape) && of == path
            });
            let expected = format!("200 {} [] None ", lost.map_or(*expected, |(.., expected)| *expected));
            let (door, received) = received(answered);
            if received != expected {
                wrong.push(format!("{path}, {door}: {received}, expected {expected}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A query, a header and a body as clients usually write them.
#[tokio::test]
async fn a_request_is_the_same_through_every_front_door() {
    for (query, expected) in [
        ("q=a%20b&r=c", r#"[("q", "a b"), ("r", "c")]"#),
        ("q=a+b", r#"[("q", "a b")]"#),
        ("q=100%25&r=%26%3D%2B", r#"[("q", "100%"), ("r", "&=+")]"#),
        ("q=%25252F", r#"[("q", "%252F")]"#),
        ("name=gr%C3%BC%C3%9Fe", r#"[("name", "grüße")]"#),
        ("na%20me=1", r#"[("na me", "1")]"#),
        ("empty=", r#"[("empty", "")]"#),
    ] {
        let request = || {
            let request = Request::post(format!("http://example.com/files/tea?{query}")).header("x-name", "a, b");
            request.header("content-type", "application/json").body(Bytes::from("{\"a\": \"ü\"}")).expect("a request")
        };
        for answered in through_every_door(request).await {
            let (door, received) = received(answered);
            let expected =
                format!(r#"200 one "tea" {expected} Some("a, b") {}"#, "{\"a\": \"ü\"}".as_bytes().escape_ascii());
            assert_eq!(received, expected, "{query}, {door}");
        }
    }
}
