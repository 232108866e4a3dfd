//! A table of the behaviour that is the same on every provider.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Uri, header};
use omnifn_core::App;

use super::{
    exchange::{Case, Step},
    expect::{Answer, Expect, problem, status, text},
    functions,
    layer::Stamp,
    replies::{self, REPLIES},
};

/// All cases but those about the context.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = requests();
    cases.extend(REPLIES.iter().map(|reply| {
        let request = to("GET", &format!("/reply/{}", reply.name));
        case(format!("reply: {}", reply.about), [(request, Expect::Reply(reply.name))])
    }));
    cases.extend(answers());
    cases.extend(failures());
    cases.extend(streams());
    cases.extend(apps());
    cases
}

/// The request as it was sent is the request that the function sees.
fn requests() -> Vec<Case> {
    let echoed = |name: &str, requests: Vec<Request<Bytes>>| {
        case(format!("request: {name}"), requests.into_iter().map(|request| (request, Expect::Request("echo"))))
    };
    let path = |name: &str, path: &str| echoed(name, vec![to("GET", path)]);
    let body = |name: &str, content_type: &str, body: Vec<u8>| {
        let mut request = to("POST", "/echo/body");
        if !content_type.is_empty() {
            request.headers_mut().insert(header::CONTENT_TYPE, content_type.parse().expect("a type"));
        }
        echoed(name, vec![with(request, body)])
    };
    let header = |name: &str, headers: &[(&'static str, &[u8])]| {
        let mut request = to("GET", "/echo/header");
        if headers.iter().any(|(name, _)| *name == "host") {
            request.headers_mut().remove(header::HOST);
        }
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_bytes(value).expect("a value"));
        }
        echoed(name, vec![request])
    };
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"].map(|method| to(method, "/echo/method"));
    vec![
        echoed("each of six methods", methods.into()),
        echoed("a method of one's own", vec![to("PURGE", "/echo/method")]),
        path("an encoded path", "/echo/gr%C3%BC%C3%9Fe%20%2B%25"),
        path("an encoded percent sign", "/echo/a%2520b"),
        path("an encoded slash in a segment", "/echo/a%2Fb%2fc"),
        path("two dots as a segment", "/echo/public/../admin"),
        path("two encoded dots as a segment", "/echo/public/%2e%2E/admin"),
        path("one dot as a segment", "/echo/./a/."),
        path("a backslash", r"/echo/a\b\..\c"),
        path("an encoded backslash", "/echo/a%5Cb"),
        path("two slashes in a path", "/echo//a//b"),
        path("a slash at the end", "/echo/a/"),
        path("a raw path of several alphabets", "/echo/grüße/日本"),
        path("a plus in the path", "/echo/a+b"),
        path("a semicolon and an equals sign in the path", "/echo/a;v=1/b"),
        path("an encoded question mark and number sign", "/echo/what%3F%23x"),
        path("a percent sign alone in the path", "/echo/100%"),
        path("a long path", &format!("/echo/{}", "segment/".repeat(1000))),
        path("a plus in the query", "/echo/q?a+b=c+d"),
        path("an empty query key", "/echo/q?=b&=c"),
        path("repeated query keys", "/echo/q?x=2&y=0&x=1&x=2"),
        path("a query key without an equals sign", "/echo/q?flag&other="),
        path("a raw query of several alphabets", "/echo/q?name=grüße&日=本"),
        path("a percent sign alone in the query", "/echo/q?a=100%&b=%zz"),
        path("a semicolon in the query", "/echo/q?a=1;b=2"),
        path("encoded separators in the query", "/echo/q?a%26b=c%3Dd%2B%23"),
        path("a query of JSON", r#"/echo/q?filter={%22a%22:[1,2]}"#),
        path("a question mark in the query", "/echo/q?a=b?c/d"),
        path("ampersands alone in the query", "/echo/q?&&a=b&"),
        path("a long query", &format!("/echo/q?{}", "key=value&".repeat(800))),
        header("repeated headers in order", &[("x-many", b"2"), ("x-many", b"1"), ("x-many", b"2")]),
        header("several cookies", &[("cookie", b"a=1; b=2; a=3; empty=; quoted=\"x=y\"")]),
        header("cookies in several headers", &[("cookie", b"a=1"), ("cookie", b"b=2")]),
        header("commas in a header", &[("accept", b"text/html, application/json;q=0.9"), ("x-list", b"a, \"b, c\"")]),
        header("an empty header value", &[("x-empty", b"")]),
        header("a long header value", &[("x-long", &[b'v'; 7000])]),
        header("a header value in UTF-8", &[("x-name", "grüße 日本".as_bytes())]),
        header("a header value that is not UTF-8", &[("x-name", b"gr\xfc\xdfe")]),
        header("authorization", &[("authorization", b"Bearer a.b-c_d~e+f/g==")]),
        header("a conditional request", &[("if-none-match", b"W/\"v7\", \"v8\""), ("range", b"bytes=0-99")]),
        header("a host with a port", &[("host", b"shop.example.com:8443")]),
        body("no body", "", Vec::new()),
        body("an empty body of a type", "application/json", Vec::new()),
        body("JSON, byte for byte", "application/json", br#"{ "b": 1.0, "a": "\u00e9\/", "b": null }"#.into()),
        body("JSON with the names that envelopes use", "application/json", ENVELOPE.into()),
        body("JSON that is null", "application/json", b"null".into()),
        body("JSON that is a text", "application/json; charset=utf-8", br#""a \" text""#.into()),
        body("JSON that is broken", "application/json", b"{\"a\": ".into()),
        body("a form", "application/x-www-form-urlencoded", b"a=1&b=x+y%20z&a=2".into()),
        body("a multipart form", "multipart/form-data; boundary=x", MULTIPART.into()),
        body("text of several alphabets", "text/plain; charset=utf-8", "grüße 日本 🦀".into()),
        body("text that looks like base64", "text/plain", b"dGVzdA==".into()),
        body("text with control characters", "text/plain", "\u{feff}a\0b\u{1}\u{7f}\u{2028}\r\n".into()),
        body("text that is not UTF-8", "text/plain; charset=iso-8859-1", b"gr\xfc\xdfe".into()),
        body("a binary body of all bytes", "application/octet-stream", replies::every_byte()),
        body("a binary body without a type", "", replies::every_byte()),
        body("6 MB of text", "text/plain", replies::large_text()),
        body("6 MB of binary", "image/png", replies::large_binary()),
        {
            let mut request = with(to("PUT", "/echo/body"), b"\x1f\x8b\x08\x00 not opened \xff".to_vec());
            request.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            echoed("a compressed body", vec![request])
        },
        {
            let mut request = to("GET", "/echo/host");
            request.headers_mut().remove(header::HOST);
            echoed("no host", vec![request])
        },
        echoed("a body with a method that seldom has one", vec![with(to("DELETE", "/echo/body"), b"why".to_vec())]),
    ]
}

const ENVELOPE: &[u8] =
    br#"{"body":"x","headers":{"a":["b"]},"payload":1,"sys":{"MethodName":"y"},"Data":{"req":{"Body":"z"}},
"Metadata":{"sys":null},"requestContext":{"elb":{}},"version":"2.0","isBase64Encoded":true,"Records":[]}"#;

const MULTIPART: &[u8] =
    b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n\x00\xff\r\n--x--\r\n";

/// The extractors that functions use on a request, and their responses.
fn answers() -> Vec<Case> {
    let json = |content_type: &'static str, body: &'static str| {
        let mut request = with(to("POST", "/items"), body);
        request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        request
    };
    const GOOD: &str = r#"{"name":"tea","tags":[1]}"#;
    vec![
        one("HEAD is answered by GET, without the body", to("HEAD", "/reply/text"), {
            status(200).header("content-length", &["13"]).header("content-type", &["text/plain; charset=utf-8"])
        }),
        one("no function has the path: 404", to("GET", "/nowhere"), problem(404)),
        one("no function has the method: 405 with Allow", to("POST", "/items/7"), {
            problem(405).header("allow", &["GET, HEAD, PUT, DELETE"])
        }),
        case(
            "one function, several methods",
            [
                (to("PUT", "/items/7"), text("PUT 7")),
                (to("DELETE", "/items/8"), text("DELETE 8")),
                (to("GET", "/items/9"), text("item 9")),
            ],
        ),
        one("JSON in, JSON out", json("application/json", GOOD), {
            status(201).body(GOOD).header("content-type", &["application/json"])
        }),
        one("application/JSON; charset=UTF-8 is JSON", json("application/JSON; charset=UTF-8", GOOD), {
            status(201).body(GOOD)
        }),
        one("JSON under another type: 415", json("text/plain", GOOD), problem(415).says("application/json")),
        one("JSON with a syntax error: 400", json("application/json", r#"{"name":"tea","#), {
            problem(400).says("not JSON")
        }),
        one(
            "JSON of another shape: 422 with the place",
            json("application/json", r#"{"name":"tea","tags":[1,"2"]}"#),
            problem(422).says("`tags[1]`"),
        ),
        one("a path parameter that does not fit: 400 with its name", to("GET", "/items/seven"), {
            problem(400).says("`id`")
        }),
        one(
            "a query that fits",
            to("GET", "/search?tag=a%20b&limit=7&tag=c+d&other"),
            text(r#"["a b", "c d"] Some(7)"#),
        ),
        one(
            "a query that does not fit: 400 with its key",
            to("GET", "/search?limit=many"),
            problem(400).says("`limit`"),
        ),
        one("shared state", to("GET", "/state"), text("shared")),
        one("a redirect", to("GET", "/old/tea"), status(308).header("location", &["/new/tea?from=old"])),
        case("6 MB of text there and back", [mirrored("text/plain", replies::large_text())]),
        case("6 MB of binary there and back", [mirrored("application/octet-stream", replies::large_binary())]),
        case("all bytes there and back, without a type", [mirrored("", replies::every_byte())]),
        Case {
            app: || functions::app().body_limit(1000),
            ..case(
                "a body limit: what is within is read, what is above is a 413",
                [
                    mirrored("text/plain", vec![b'x'; 1000]),
                    (with(to("POST", "/mirror"), vec![b'x'; 1001]), status(413).any()),
                    (with(to("POST", "/mirror"), vec![b'x'; 100_000]), status(413).any()),
                ],
            )
        },
    ]
}

fn mirrored(content_type: &'static str, body: Vec<u8>) -> (Request<Bytes>, Expect) {
    let mut request = with(to("POST", "/mirror"), body.clone());
    if content_type.is_empty() {
        return (request, status(200).body(body).header("content-type", &[]));
    }
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    (request, status(200).body(body).header("content-type", &[content_type]))
}

/// A failure affects only its own request, and its details are only in the log.
fn failures() -> Vec<Case> {
    let fine = || (to("GET", "/items/7"), text("item 7"));
    vec![
        case("an error is a 500 without internals", [(to("GET", "/items/500"), problem(500)), fine()]),
        one("an error with a status and words for the caller", to("GET", "/items/404"), {
            problem(404).detail("there is no item 404")
        }),
        one("words for the caller are escaped", to("GET", "/items/409"), problem(409).detail("item 409 is \"sold\"")),
        one("an error with a status from 500 on keeps its words", to("GET", "/items/503"), problem(503)),
        case("a panic is a 500, and the next request is served", [(to("GET", "/items/600"), problem(500)), fine()]),
        case("a panic without words is a 500", [(to("GET", "/items/601"), problem(500)), fine()]),
        case("the reply's body breaks off", [(to("GET", "/breaks"), Expect::Broken), fine()]),
        case("the reply's body panics", [(to("GET", "/collapses"), Expect::Broken), fine()]),
        one("HEAD does not wait for a body", to("HEAD", "/breaks"), status(200)),
    ]
}

/// Bodies that come and go in pieces.
fn streams() -> Vec<Case> {
    let large = replies::large_binary();
    vec![
        one("a reply in several pieces", to("GET", "/chunks"), Expect::Pieces(&functions::CHUNKS)),
        one("a request's body is the reply's", with(to("POST", "/pass"), large.clone()), status(200).body(large)),
        one("an empty request's body is the reply's", to("POST", "/pass"), status(200)),
    ]
}

/// Other ways to put an app together.
fn apps() -> Vec<Case> {
    let layered = || functions::app().layer(Stamp("inner")).layer(Stamp("outer"));
    let stamped = |expect: Expect| expect.header("x-stamp", &["inner", "outer"]);
    let bare = |name: &str, path: &str| Case {
        app: functions::bare,
        ..case(name, [(to("GET", path), Expect::Request("everything"))])
    };
    vec![
        case(
            "an axum router under a wildcard",
            [
                (to("GET", "/shop/a%20isle/7"), text("a isle 7")),
                (with(to("POST", "/shop/orders"), "tea"), text("shop: tea")),
                (to("GET", "/shop/nowhere"), status(404)),
            ],
        ),
        case(
            "an axum router's own root",
            [(to("GET", "/shop"), text("the shop")), (to("GET", "/shop/"), text("the shop, with a slash"))],
        ),
        Case {
            app: layered,
            ..case(
                "layers around every answer",
                [
                    (to("GET", "/items/7"), stamped(text("item 7"))),
                    (to("GET", "/nowhere"), stamped(problem(404))),
                    (to("PATCH", "/items/7"), stamped(problem(405))),
                    (to("GET", "/items/500"), stamped(problem(500))),
                ],
            )
        },
        bare("a function without a route takes any path", "/any/where?x=1"),
        bare("a function without a route takes the root", "/"),
        bare("a path that begins with two slashes", "//any//where"),
        bare("a path that browsers ask for: /favicon.ico", "/favicon.ico"),
        bare("a path that crawlers ask for: /robots.txt", "/robots.txt"),
    ]
}

/// A case of one step.
pub(crate) fn one(name: impl Into<String>, request: Request<Bytes>, expect: Expect) -> Case {
    case(name, [(request, expect)])
}

/// A case of several steps.
pub(crate) fn case(name: impl Into<String>, steps: impl IntoIterator<Item = (Request<Bytes>, Expect)>) -> Case {
    let steps = steps.into_iter().map(|(request, expect)| Step { request, expect }).collect();
    Case { name: name.into(), app: || -> App { functions::app() }, steps, together: |_: &[Answer]| Ok(()) }
}

/// A request without a body, from a usual client.
pub(crate) fn to(method: &str, uri: &str) -> Request<Bytes> {
    let mut request = Request::new(Bytes::new());
    *request.method_mut() = Method::from_bytes(method.as_bytes()).expect("a method");
    *request.uri_mut() = Uri::try_from(uri).expect("a URI");
    request.headers_mut().insert(header::HOST, HeaderValue::from_static("api.example.com"));
    request
}

/// The request with a body.
fn with(request: Request<Bytes>, body: impl Into<Bytes>) -> Request<Bytes> {
    request.map(|_| body.into())
}
