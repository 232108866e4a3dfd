//! What goes into the inverse comes out of the adapter, and the other way round.

#[path = "../../../tests/support/messages.rs"]
mod messages;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, Uri, header};
use messages::{reply_comes_through, request, request_comes_through, response};
use omnifn_azure::Azure;
use omnifn_core::{Inverse, uri};
use proptest::prelude::*;

fn host(mode: &'static str) -> Azure {
    Azure::new(&move |name: &str| (name == "OMNIFN_AZURE_HTTP").then(|| mode.to_owned()))
}

/// The last value of each header: the host joins repeated ones outside of an envelope, and an envelope's reply has one.
fn single(headers: &HeaderMap) -> HeaderMap {
    let last = |name: &HeaderName| headers.get_all(name).iter().next_back().cloned();
    headers.keys().filter_map(|name| Some((name.clone(), last(name)?))).collect()
}

fn with_single_headers(mut request: Request<Bytes>) -> Request<Bytes> {
    *request.headers_mut() = single(request.headers());
    request
}

/// A forwarding host writes the query anew.
fn with_canonical_query(mut request: Request<Bytes>) -> Request<Bytes> {
    let pairs: Vec<(String, String)> =
        serde_html_form::from_str(request.uri().query().unwrap_or_default()).expect("pairs");
    let mut keys = std::collections::BTreeMap::new();
    keys.extend(pairs);
    let query: Vec<_> =
        keys.iter().map(|(key, value)| format!("{}={}", uri::encode_query(key), uri::encode_query(value))).collect();
    let target = match query.is_empty() {
        true => request.uri().path().to_owned(),
        false => format!("{}?{}", request.uri().path(), query.join("&")),
    };
    *request.uri_mut() = Uri::try_from(target).expect("a URI");
    request
}

/// An envelope holds text.
fn of_text(headers: &HeaderMap) -> HeaderMap {
    let pairs = headers.iter().map(|(name, value): (&HeaderName, &HeaderValue)| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.clone(), HeaderValue::from_maybe_shared(Bytes::from(text)).expect("a value"))
    });
    pairs.collect()
}

fn as_an_envelope_has_it(request: Request<Bytes>, binary: bool) -> Request<Bytes> {
    let mut request = request;
    if request.uri().query() == Some("") {
        // The host's URLs have no question mark alone.
        *request.uri_mut() = Uri::try_from(request.uri().path()).expect("a URI");
    }
    *request.headers_mut() = of_text(request.headers());
    if binary {
        let media_type = HeaderValue::from_static("Application/Octet-Stream");
        request.headers_mut().insert(header::CONTENT_TYPE, media_type);
        return request;
    }
    request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    request.map(|body| String::from_utf8_lossy(&body).into_owned().into())
}

/// One line for each name, one cookie, text alone.
fn as_an_envelope_answers(mut response: Response<Bytes>) -> Response<Bytes> {
    *response.headers_mut() = of_text(&single(response.headers()));
    response.map(|body| String::from_utf8_lossy(&body).into_owned().into())
}

proptest! {
    #[test]
    fn a_proxied_request_comes_through(request in request()) {
        request_comes_through(&host("proxying"), "proxying", &with_single_headers(request));
    }

    #[test]
    fn a_forwarded_request_comes_through(request in request()) {
        request_comes_through(&host("forwarding"), "forwarding", &with_canonical_query(with_single_headers(request)));
    }

    #[test]
    fn a_request_in_an_envelope_comes_through(request in request(), binary: bool) {
        request_comes_through(&host("data"), "data", &as_an_envelope_has_it(request, binary));
    }

    #[test]
    fn a_reply_comes_through(response in response()) {
        for shape in ["proxying", "forwarding"] {
            reply_comes_through(&host(shape), shape, &response);
        }
    }

    #[test]
    fn a_reply_in_an_envelope_comes_through(response in response()) {
        reply_comes_through(&host("data"), "data", &as_an_envelope_answers(response));
    }
}

#[test]
fn every_shape_is_tested_here() {
    assert_eq!(Azure::shapes(), ["proxying", "forwarding", "data"]);
    assert!(host("data").write("http", Request::default()).unwrap_err().to_string().contains("forwarding"));
}

/// What an envelope cannot carry is said, not lost.
#[test]
fn an_envelope_says_what_it_cannot_carry() {
    let request = Request::post("/").body(Bytes::from_static(b"\xff")).unwrap();
    assert!(host("data").write("data", request).unwrap_err().to_string().contains("not UTF-8"));
    let request = Request::get("/").header("x-name", HeaderValue::from_bytes(b"\xff").unwrap());
    assert!(
        host("data").write("data", request.body(Bytes::new()).unwrap()).unwrap_err().to_string().contains("x-name")
    );
}

/// What the host does with a reply that it does not take.
#[test]
fn a_reply_that_the_host_does_not_take_is_a_500() {
    let read = |status: u16, media_type: &str, body: &'static str| {
        let reply = Response::builder().status(status).header("content-type", media_type);
        host("data").read("data", reply.body(Bytes::from_static(body.as_bytes())).unwrap())
    };
    for (status, media_type, body) in [
        (404, "application/json", r#"{"Outputs":{"res":{"statusCode":404}}}"#),
        (200, "text/plain", r#"{"Outputs":{"res":{"statusCode":200}}}"#),
        (200, "application/json", "{"),
        (200, "application/json", r#"{"Outputs":{}}"#),
        (200, "application/json", r#"{"Outputs":{"res":{"statusCode":200,"headers":{"a":["b"]}}}}"#),
        (200, "application/json", r#"{"Outputs":{"res":{"statusCode":2}}}"#),
        (200, "application/json", r#"{"Outputs":{"res":{"statusCode":200,"headers":{"a":"b\nc"}}}}"#),
        (200, "application/json", r#"{"Outputs":{"res":{"statusCode":200}},"Logs":"x"}"#),
    ] {
        assert_eq!(read(status, media_type, body).unwrap().status(), 500, "{body}");
    }
    let taken = read(200, "application/json; charset=utf-8", r#"{"Outputs":{"res":{"statusCode":204}}}"#);
    assert_eq!(taken.unwrap().status(), 204);
    for body in ["", "null", " null\n"] {
        assert!(read(200, "application/json", body).unwrap_err().to_string().contains("waits"));
    }
}
