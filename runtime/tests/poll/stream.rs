//! Streamed replies, as they are on the wire.

use crate::{
    runtime_api::{Next, Request, RuntimeApi},
    start,
};

const DECLARED: &str = "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body";

fn streamed(event: &str) -> Request {
    let api = RuntimeApi::start();
    let _process = start(&api);
    api.push(Next::event("one", event));
    let post = api.wait_for("/one/response");
    assert_eq!(post.header("lambda-runtime-function-response-mode"), Some("streaming"));
    assert_eq!(post.header("transfer-encoding"), Some("chunked"));
    assert_eq!(post.header("content-length"), None);
    assert_eq!(post.header("trailer"), Some(DECLARED));
    assert_eq!(post.header("content-type"), Some("application/x-parts"));
    assert!(post.complete);
    post
}

#[test]
fn a_stream_that_ends_well_has_no_trailers() {
    let post = streamed("stream prelude !later \0\0\0\0\0\0\0\0 !later body");
    let expected = "7\r\nprelude\r\n8\r\n\0\0\0\0\0\0\0\0\r\n4\r\nbody\r\n0\r\n\r\n";
    assert_eq!(String::from_utf8_lossy(&post.raw_body), expected);
}

#[test]
fn a_failed_stream_ends_with_trailers() {
    for event in ["stream some !error more", "stream some !later !error more", "stream some !panic"] {
        let post = streamed(event);
        let raw = String::from_utf8_lossy(&post.raw_body);
        assert!(
            raw.starts_with("4\r\nsome\r\n0\r\nlambda-runtime-function-error-type: Function.StreamError\r\n"),
            "{raw}"
        );
        assert!(raw.ends_with("=\r\n\r\n") || raw.ends_with("\r\n\r\n"), "{raw}");
        let [(kind, _), (name, body)] = post.trailers.as_slice() else { panic!("{:?}", post.trailers) };
        assert_eq!(
            (kind.as_str(), name.as_str()),
            ("lambda-runtime-function-error-type", "lambda-runtime-function-error-body")
        );
        let body = base64_simd::STANDARD.decode_to_vec(body).unwrap();
        let body: serde_json::Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["errorType"], "Function.StreamError");
        assert_eq!(body["stackTrace"], serde_json::json!([]));
        // The details are for the log.
        assert!(!body.to_string().contains("database"), "{body}");
    }
}

#[test]
fn a_stream_that_fails_at_once_is_not_an_empty_one() {
    let post = streamed("stream !error");
    assert_eq!(post.trailers.len(), 2);
    assert!(post.raw_body.starts_with(b"0\r\nlambda-runtime-function-error-type"));
}
