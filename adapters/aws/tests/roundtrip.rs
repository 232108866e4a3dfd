//! What goes in comes out again: through the gateways' side and ours.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header};
use http_body_util::BodyExt;
use omnifn_aws::Aws;
use omnifn_core::{Adapter, Body, Decoded, Inverse, Payload, Reply, uri};
use proptest::{collection::vec, prelude::*, sample::select};

fn aws(streaming: bool) -> Aws {
    Aws::new(&|name: &str| (streaming && name == "OMNIFN_AWS_STREAMING").then(|| "1".to_owned()))
}

/// Whether a request has lists of values.
fn has_lists(shape: &str) -> bool {
    matches!(shape, "http-api-v1" | "rest-v1" | "alb-multi" | "vpc-lattice-v2")
}

/// Whether a reply has lists of values.
fn replies_in_lists(shape: &str) -> bool {
    matches!(shape, "http-api-v1" | "rest-v1" | "alb-multi")
}

/// Whether the gateway decodes the path once.
fn decodes_the_path(shape: &str) -> bool {
    matches!(shape, "http-api-v1" | "http-api-v2")
}

/// The path that a function receives: where the gateway decodes it, it is encoded again, and equal to the client's after decoding, unless
/// something encoded becomes a delimiter.
fn received_path(shape: &str, path: &str) -> String {
    if !decodes_the_path(shape) {
        return path.to_owned();
    }
    let decoded = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let is_kept = |c: char| c.is_ascii_alphanumeric() || "-._~!$&'()*+,;=:@/".contains(c);
    let encoded = |c: char| c.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    decoded.chars().map(|c| if is_kept(c) { c.to_string() } else { encoded(c) }).collect()
}

fn path() -> impl Strategy<Value = String> {
    let segment = prop_oneof![
        "[a-zA-Z0-9._~!$&'()*+,;=:@-]{0,8}",
        select(&["..", ".", "%2F", "%2e%2E", "%zz", "100%", r"a\b", "grüße", "%00", "prod", "{x}", "\"", "|"][..])
            .prop_map(str::to_owned),
    ];
    vec(segment, 1..5).prop_map(|segments| format!("/{}", segments.join("/")))
}

/// A query that the shape carries byte for byte: an HTTP API does so with any; a REST API has it decoded and grouped by key,
/// a load balancer grouped by key.
fn query(shape: &'static str) -> BoxedStrategy<String> {
    let most = if has_lists(shape) { 4 } else { 2 };
    let grouped = |text: BoxedStrategy<String>| {
        prop::collection::btree_map(text.clone(), vec(text, 1..most), 0..4).prop_map(|keys| {
            let pairs = keys.iter().flat_map(|(key, values)| values.iter().map(move |value| format!("{key}={value}")));
            pairs.collect::<Vec<_>>().join("&")
        })
    };
    match shape {
        "rest-v1" | "http-api-v1" => {
            grouped(any::<String>().prop_map(|text| uri::encode_query(&text).into_owned()).boxed()).boxed()
        }
        "alb" | "alb-multi" | "vpc-lattice-v1" | "vpc-lattice-v2" => {
            grouped("[a-z0-9%+ü!$'()*,/:;?@{}|-]{0,6}".boxed()).boxed()
        }
        _ => "[a-z0-9%+ü!$&'()*,/:;=?@{}|-]{0,20}".boxed(),
    }
}

fn value() -> impl Strategy<Value = HeaderValue> {
    let bytes = prop_oneof![
        "[ -~]{0,20}".prop_map(String::into_bytes),
        "[ -~äπ🦀]{1,10}".prop_map(String::into_bytes),
        vec(0x20_u8..=0xff, 0..10),
        Just(b"a\tb \"c\\d\"".to_vec()),
    ];
    bytes.prop_filter_map("not for HTTP", |bytes| HeaderValue::from_bytes(&bytes).ok())
}

/// Headers, each name with one value, or with several where the shape has lists.
fn headers(most: usize, names: &'static [&'static str]) -> impl Strategy<Value = HeaderMap> {
    prop::collection::btree_map(select(names), vec(value(), 1..=most), 0..names.len()).prop_map(|fields| {
        let mut headers = HeaderMap::new();
        for (name, values) in fields {
            for value in values {
                headers.append(HeaderName::from_static(name), value);
            }
        }
        headers
    })
}

fn body() -> impl Strategy<Value = (Option<&'static str>, Bytes)> {
    let bytes = prop_oneof![
        Just(Vec::new()),
        any::<String>().prop_map(String::into_bytes),
        vec(any::<u8>(), 0..200),
        "[a-zA-Z0-9+/]{4}".prop_map(String::into_bytes),
    ];
    const TYPES: &[Option<&str>] = &[
        None,
        Some("application/json"),
        Some("text/plain; charset=iso-8859-1"),
        Some("application/octet-stream"),
        Some("multipart/form-data; boundary=x"),
    ];
    (select(TYPES), bytes.prop_map(Bytes::from))
}

fn request(shape: &'static str) -> impl Strategy<Value = Request<Bytes>> {
    let methods = select(&["GET", "POST", "PUT", "DELETE", "OPTIONS", "PURGE", "M-SEARCH"][..]);
    let most = if has_lists(shape) { 3 } else { 1 };
    let names = &["host", "accept", "x-many", "x-empty", "authorization", "content-encoding", "x-forwarded-for"];
    (
        methods,
        path(),
        query(shape),
        headers(most, names),
        proptest::option::of("[a-z]=[a-z0-9;]{0,4}(; [a-z]=[a-z]{0,2}){0,2}"),
        body(),
    )
        .prop_filter_map("not for HTTP", |(method, path, query, mut headers, cookies, (media_type, body))| {
            let target = if query.is_empty() { path } else { format!("{path}?{query}") };
            let mut request = Request::new(body);
            *request.method_mut() = Method::from_bytes(method.as_bytes()).ok()?;
            *request.uri_mut() = Uri::try_from(target).ok()?;
            headers.extend(cookies.map(|cookies| (header::COOKIE, cookies.parse().expect("cookies"))));
            headers.extend(media_type.map(|media_type| (header::CONTENT_TYPE, HeaderValue::from_static(media_type))));
            *request.headers_mut() = headers;
            Some(request)
        })
}

fn reply() -> impl Strategy<Value = Response<Bytes>> {
    let names = &["x-many", "set-cookie", "vary", "location", "x-empty", "content-encoding"];
    (100_u16..=999, headers(3, names), body()).prop_map(|(status, mut headers, (media_type, body))| {
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(status).expect("a status");
        headers.extend(media_type.map(|media_type| (header::CONTENT_TYPE, HeaderValue::from_static(media_type))));
        *response.headers_mut() = headers;
        response
    })
}

fn fields(headers: &HeaderMap) -> BTreeMap<String, Vec<Vec<u8>>> {
    let values = |name| headers.get_all(name).iter().map(|value| value.as_bytes().to_vec()).collect();
    headers.keys().map(|name| (name.to_string(), values(name))).collect()
}

/// What the client gets of a reply: what the shape can carry of it, as the crate's documentation says.
fn carried(shape: &str, reply: &Response<Bytes>) -> BTreeMap<String, Vec<Vec<u8>>> {
    let mut fields = fields(reply.headers());
    for (name, values) in &mut fields {
        for value in values.iter_mut().filter(|value| std::str::from_utf8(value).is_err()) {
            *value = value.iter().copied().map(char::from).collect::<String>().into_bytes();
        }
        if !replies_in_lists(shape) && name != "set-cookie" {
            *values = vec![values.join(&b", "[..])];
        }
    }
    fields
}

fn whole(payload: Payload) -> Bytes {
    let body = match payload {
        Payload::Whole(bytes) => return bytes,
        Payload::Stream(body) => body,
    };
    let mut body = std::pin::pin!(body.collect());
    match body.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(body) => body.expect("a body that does not break off").to_bytes(),
        std::task::Poll::Pending => panic!("a body that is all there"),
    }
}

fn check_request(shape: &'static str, request: Request<Bytes>) -> Result<(), TestCaseError> {
    let aws = aws(false);
    let message = aws.write(shape, request.clone()).map_err(|e| TestCaseError::fail(e.to_string()))?;
    let event = message.body().clone();
    let (origin, decoded) = aws.decode(message.map(Payload::Whole));
    let call = match decoded {
        Decoded::Call(call) => call,
        other => return Err(TestCaseError::fail(format!("{other:?} of {}", event.escape_ascii()))),
    };
    prop_assert_eq!(origin.shape().map(omnifn_aws::Shape::name), Some(shape));
    prop_assert_eq!(call.invocation.raw, Some(event));
    let found = call.request;
    prop_assert_eq!(found.method(), request.method());
    prop_assert_eq!(found.uri().path(), received_path(shape, request.uri().path()));
    prop_assert_eq!(found.uri().query(), request.uri().query());
    prop_assert_eq!(fields(found.headers()), fields(request.headers()));
    prop_assert_eq!(whole(Payload::Stream(found.into_body())), request.into_body());
    Ok(())
}

fn check_reply(shape: &'static str, streaming: bool, reply: &Response<Bytes>) -> Result<(), TestCaseError> {
    let aws = aws(streaming);
    let message = aws.write(shape, Request::new(Bytes::new())).map_err(|e| TestCaseError::fail(e.to_string()))?;
    let (origin, _) = aws.decode(message.map(Payload::Whole));
    let payload = match aws.sends_whole(&origin, &reply.clone().map(Body::from)) {
        true => Payload::Whole(reply.body().clone()),
        false => Payload::Stream(Body::from(reply.body().clone())),
    };
    let streams = streaming && matches!(shape, "function-url" | "rest-v1");
    prop_assert_eq!(matches!(payload, Payload::Stream(_)), streams);
    let sent = aws.encode(origin, Reply::Http(reply.clone().map(|_| payload))).map(whole);
    let text = sent.body().escape_ascii().to_string();
    let found = aws.read(shape, sent).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
    prop_assert_eq!(found.status(), reply.status());
    prop_assert_eq!(fields(found.headers()), carried(shape, reply));
    let bodiless = reply.status().is_informational() || matches!(reply.status().as_u16(), 204 | 304);
    prop_assert_eq!(found.body(), if bodiless { &Bytes::new() } else { reply.body() });
    Ok(())
}

macro_rules! shapes {
    ($($module:ident: $shape:literal),*) => { $(mod $module {
        use super::*;

        proptest! {
            #[test]
            fn a_request_comes_as_it_was(request in request($shape)) {
                check_request($shape, request)?;
            }

            #[test]
            fn a_reply_comes_as_it_was(reply in reply(), streaming: bool) {
                check_reply($shape, streaming, &reply)?;
            }
        }
    })* };
}

shapes!(
    http_api_v2: "http-api-v2", function_url: "function-url", rest_v1: "rest-v1", alb: "alb", alb_multi: "alb-multi",
    http_api_v1: "http-api-v1", vpc_lattice_v1: "vpc-lattice-v1", vpc_lattice_v2: "vpc-lattice-v2"
);

#[test]
fn every_shape_is_tested_here() {
    let all = [
        "http-api-v2",
        "function-url",
        "rest-v1",
        "alb",
        "alb-multi",
        "http-api-v1",
        "vpc-lattice-v1",
        "vpc-lattice-v2",
    ];
    assert_eq!(Aws::shapes(), all);
    assert!(aws(false).write("http", Request::default()).unwrap_err().to_string().contains("alb-multi"));
}

/// What a shape cannot carry is said, not lost.
#[test]
fn a_load_balancer_without_lists_says_what_it_cannot_carry() {
    let mut request = Request::new(Bytes::new());
    request.headers_mut().append("x-many", HeaderValue::from_static("1"));
    request.headers_mut().append("x-many", HeaderValue::from_static("2"));
    assert!(aws(false).write("alb", request).unwrap_err().to_string().contains("the header \"x-many\" several times"));
    let request = Request::get("/?x=1&x=2").body(Bytes::new()).unwrap();
    assert!(aws(false).write("alb", request).unwrap_err().to_string().contains("the query key \"x\" several times"));
}

/// What a gateway answers with a 502.
#[test]
fn a_reply_that_no_gateway_takes_is_an_error() {
    let read =
        |shape: &str, body: &'static str| aws(true).read(shape, Response::new(body.into())).map_err(|e| e.to_string());
    for (shape, body, why) in [
        ("http-api-v2", "", "not the document"),
        ("http-api-v2", "null", "not the document"),
        ("http-api-v2", r#"{"headers":{},"cookies":[]}"#, "statusCode"),
        ("http-api-v2", r#"{"statusCode":200,"headers":{}}"#, "no list of cookies"),
        ("rest-v1", r#"{"statusCode":20}"#, "the status is 20"),
        ("rest-v1", r#"{"statusCode":200,"body":"-","isBase64Encoded":true}"#, "base64"),
        ("rest-v1", r#"{"statusCode":200,"headers":{"a b":"c"}}"#, "the name of a header"),
        ("alb", r#"{"statusCode":200,"statusDescription":"404 Not Found"}"#, "another status"),
        ("alb", r#"{"statusCode":200,"headers":{"a":"b\nc"}}"#, "the value of a header"),
    ] {
        let found = read(shape, body).unwrap_err();
        assert!(found.contains(why), "{shape} {body}: {found}");
    }
    let mut failed = Response::new(Bytes::from_static(b"{}"));
    failed.headers_mut().insert("lambda-runtime-function-error-type", HeaderValue::from_static("Function.Panicked"));
    assert!(aws(false).read("alb", failed).unwrap_err().to_string().contains("the invocation failed"));
    let mut stream = Response::new(Bytes::from_static(br#"{"statusCode":200,"headers":{},"cookies":[]}"#));
    let media_type = HeaderValue::from_static("application/vnd.awslambda.http-integration-response");
    stream.headers_mut().insert(header::CONTENT_TYPE, media_type);
    assert!(aws(true).read("http-api-v2", stream.clone()).unwrap_err().to_string().contains("takes no streamed reply"));
    assert!(aws(true).read("function-url", stream).unwrap_err().to_string().contains("eight NULs"));
}
