//! Whatever comes in, there is an answer.

use std::{fs, path::Path, sync::OnceLock};

use bytes::Bytes;
use http::{HeaderValue, Request, Response};
use omnifn_aws::Aws;
use omnifn_core::{Adapter, Decoded, Error, ErrorKind, Inverse, Payload, Reply};
use proptest::{collection::vec, prelude::*, sample::Index};

fn aws() -> Aws {
    Aws::new(&|_: &str| None)
}

/// Feeds an event and answers it in every way; `true` where it was taken for a request.
fn survives(event: Bytes, head: &[(&'static str, &[u8])]) -> bool {
    let mut taken = false;
    let failed = || Reply::Failed(Error::new(ErrorKind::Panicked, "words"));
    let replies: [fn() -> Option<Reply>; 2] = [|| None, || Some(Reply::Http(Response::new(Payload::from("body"))))];
    for reply in replies {
        let mut request = Request::new(Payload::Whole(event.clone()));
        for (name, value) in head {
            request.headers_mut().append(*name, HeaderValue::from_bytes(value).expect("a value"));
        }
        let (origin, decoded) = aws().decode(request);
        let refused = match decoded {
            Decoded::Call(call) => {
                taken = true;
                assert_eq!(call.invocation.raw.as_ref(), Some(&event));
                assert!(origin.shape().is_some());
                None
            }
            Decoded::Refused(refusal) => {
                assert!(refusal.error.to_string().len() < 2000, "{}", refusal.error);
                Some(Reply::Failed(refusal.error))
            }
            Decoded::Delivery(_) => panic!("there is no function that takes events"),
            Decoded::Answer(_) => panic!("there is nothing that this adapter answers itself"),
        };
        let shape = origin.shape().map(omnifn_aws::Shape::name);
        let answer = aws().encode(origin, refused.or_else(reply).unwrap_or_else(failed));
        understood(shape, answer);
    }
    taken
}

/// The answer is a document that the gateway takes, or a failure that Lambda takes.
fn understood(shape: Option<&str>, answer: Response<Payload>) {
    let (head, payload) = answer.into_parts();
    let body = payload.whole().expect("a whole reply").clone();
    match (shape, head.headers.get("lambda-runtime-function-error-type")) {
        (Some(shape), None) => {
            aws().read(shape, Response::from_parts(head, body)).expect("a reply that the gateway understands");
        }
        (None, Some(error_type)) => {
            let (kind, name) = error_type.to_str().expect("a text").split_once('.').expect("two parts");
            let (first, rest) = name.split_at(1);
            assert!(matches!(kind, "Runtime" | "Function"), "{kind}");
            assert!(first.chars().all(|c| c.is_ascii_uppercase()), "{name}");
            assert!(!rest.is_empty() && rest.chars().all(|c| c.is_ascii_alphabetic()), "{name}");
            let document: serde_json::Value = serde_json::from_slice(&body).expect("JSON");
            assert_eq!(document["errorType"], error_type.to_str().unwrap());
            assert_eq!(document["stackTrace"], serde_json::json!([]));
            assert!(document["errorMessage"].is_string());
        }
        other => panic!("{other:?}"),
    }
}

/// The events of all golden vectors.
fn events() -> &'static [Vec<u8>] {
    static EVENTS: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    EVENTS.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/http");
        let cases = fs::read_dir(folder).expect("the golden vectors").map(|case| case.expect("a case").path());
        let events = cases.filter_map(|case| {
            let message = fs::read(case.join("in.json")).expect("an in.json");
            let message: serde_json::Value = serde_json::from_slice(&message).expect("JSON");
            Some(message["body"].get("json")?.to_string().into_bytes())
        });
        let events: Vec<_> = events.collect();
        assert!(events.len() > 50, "{} events", events.len());
        events
    })
}

fn piece() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..6),
        prop::sample::select(
            &[
                "null",
                "{}",
                "[]",
                "\"\"",
                "1e999",
                "true",
                "\\ud800",
                "\\u0000",
                "[[[[",
                "\"elb\":{},",
                "{\"a\":",
                "é",
                "\u{0}"
            ][..]
        )
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        survives(bytes.into(), &[]);
    }

    #[test]
    fn any_text_of_json(text in "[{}\\[\\]\",:0-9a-e\\\\ ]{0,80}") {
        survives(text.into(), &[]);
    }

    #[test]
    fn an_event_with_slips(which: Index, slips in vec((any::<Index>(), 0_usize..12, piece()), 1..4)) {
        let mut event = which.get(events()).clone();
        for (at, length, piece) in slips {
            let at = at.index(event.len() + 1);
            let end = event.len().min(at + length);
            event.splice(at..end, piece);
        }
        survives(event.into(), &[]);
    }

    #[test]
    fn an_event_cut_off(which: Index, at: Index) {
        let event = which.get(events());
        survives(event[..at.index(event.len())].to_vec().into(), &[]);
    }

    #[test]
    fn any_head(values in vec(vec(0x80_u8..=0xff, 0..8), 6)) {
        let names = [
            "lambda-runtime-aws-request-id",
            "lambda-runtime-deadline-ms",
            "lambda-runtime-invoked-function-arn",
            "lambda-runtime-trace-id",
            "lambda-runtime-client-context",
            "lambda-runtime-cognito-identity",
        ];
        let head: Vec<_> = names.into_iter().zip(values.iter().map(Vec::as_slice)).collect();
        let event = br#"{"rawPath":"/","requestContext":{"http":{"method":"GET"}}}"#;
        prop_assert!(survives(Bytes::from_static(event), &head));
    }

    #[test]
    fn any_reply_of_a_gateways_side(body in vec(any::<u8>(), 0..100), slip in piece(), at: Index) {
        for shape in Aws::shapes() {
            let _ = aws().read(shape, Response::new(body.clone().into()));
            let mut reply = br#"{"statusCode":200,"headers":{"a":"b"},"cookies":["c"],"body":"YQ==","isBase64Encoded":true}"#.to_vec();
            let at = at.index(reply.len());
            reply.splice(at..at, slip.clone());
            let _ = aws().read(shape, Response::new(reply.into()));
        }
    }
}

fn v2(fields: &str) -> Bytes {
    format!(r#"{{"rawPath":"/","requestContext":{{"http":{{"method":"GET"}}}},{fields}}}"#).into()
}

#[test]
fn poison() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    // Where the depth is in nothing that is read, it is not even seen.
    assert!(survives(v2(&format!(r#""stageVariables":{}"#, deep(100_000))), &[]));
    for event in [
        v2(&format!(r#""headers":{}"#, deep(100_000))),
        deep(100_000).into(),
        "[".repeat(100_000).into(),
        "{\"a\":".repeat(100_000).into(),
        Bytes::from_static(b"\xef\xbb\xbf{}"),
        Bytes::from_static(b"\0"),
        Bytes::from_static(b"{\"requestContext\":{\"elb\":{}},\"requestContext\":{}}"),
        v2(r#""headers":{},"headers":{}"#),
        v2(r#""headers":{"a":[["b"]]}"#),
        v2(r#""headers":{"a":1}"#),
        v2(r#""isBase64Encoded":"true""#),
        v2(r#""cookies":"a=1""#),
        v2(r#""body":{"json":true}"#),
        v2(&format!(r#""rawQueryString":"{}""#, "q".repeat(70_000))),
        v2(&format!(
            r#""headers":{{{}"x":"y"}}"#,
            (0..40_000).map(|i| format!("\"x-{i}\":\"v\",")).collect::<String>()
        )),
        // Each value takes many times the memory that its text takes.
        v2(&format!(r#""headers":{{"x":[{}"z"]}}"#, "\"y\",".repeat(30_000))),
        v2(&format!(r#""cookies":[{}"z=1"]"#, "\"y=1\",".repeat(30_000))),
    ] {
        assert!(!survives(event.clone(), &[]), "{}", event.slice(..event.len().min(200)).escape_ascii());
    }
    for event in [
        v2(r#""headers":{"a":null,"b":[],"c":[null],"d":["1",null,"2"],"":"x","é":"x","x":"\r\n"}"#),
        v2(r#""body":null,"cookies":[],"headers":null,"isBase64Encoded":null,"rawQueryString":null"#),
        v2(r#""payload":1,"sys":{"body":[]},"Records":[],"detail-type":null,"awslogs":{"data":1}"#),
        v2(&format!(r#""body":"{}""#, "x".repeat(6_000_000))),
        v2(&format!(r#""isBase64Encoded":true,"body":"{}""#, "AAAA".repeat(1_500_000))),
        v2(&format!(r#""headers":{{"x":[{}"z"]}}"#, "\"y\",".repeat(999))),
        v2(&format!(r#""cookies":[{}"z=1"]"#, "\"y=1\",".repeat(999))),
        v2(&format!(r#""body":"{}""#, "\\ud83d".repeat(100_000))),
    ] {
        assert!(survives(event.clone(), &[]), "{}", event.slice(..event.len().min(200)).escape_ascii());
    }
}

/// A body that is still to come was promised to be read first; who does not gets an answer all the same.
#[test]
fn a_stream_where_there_should_be_none() {
    let (origin, decoded) = aws().decode(Request::new(Payload::Stream(omnifn_core::Body::from("{}"))));
    assert!(matches!(decoded, Decoded::Refused(refusal) if refusal.error.kind() == ErrorKind::Config));
    assert_eq!(origin.shape(), None);
    let (origin, _) = aws().decode(Request::new(Payload::Whole(v2(r#""body":null"#))));
    let answer = aws().encode(origin, Reply::Http(Response::new(Payload::Stream(omnifn_core::Body::from("x")))));
    let read = aws().read("http-api-v2", answer.map(|payload| payload.whole().expect("a whole reply").clone()));
    assert_eq!(read.expect("a reply").status(), 500);
    let (nothing, _) = aws().decode(Request::new(Payload::Whole(Bytes::new())));
    understood(None, aws().encode(nothing, Reply::Http(Response::new(Payload::from("for nobody")))));
}
