//! Whatever comes in, there is an answer, and never an empty one.

use std::{fs, path::Path, sync::OnceLock};

use bytes::Bytes;
use http::{Method, Request, Response};
use omnifn_azure::Azure;
use omnifn_core::{Adapter, Body, Decoded, Error, ErrorKind, Inverse, Payload, Reply};
use proptest::{collection::vec, prelude::*, sample::Index};

fn host(mode: Option<&'static str>) -> Azure {
    Azure::new(&move |name: &str| match name {
        "OMNIFN_AZURE_HTTP" => mode.map(str::to_owned),
        "OMNIFN_AZURE_ROUTE_PREFIX" => Some("api".to_owned()),
        "OMNIFN_TRUSTED_HOPS" => Some("1".to_owned()),
        _ => None,
    })
}

/// Feeds an envelope and answers it in every way; `true` where it was opened.
fn survives(envelope: &Bytes) -> bool {
    let replies: [fn() -> Reply; 3] = [
        || Reply::Http(Response::new(Payload::from("words"))),
        || Reply::Http(Response::new(Payload::Whole(Bytes::from_static(b"\xff")))),
        || Reply::Failed(Error::new(ErrorKind::Panicked, "words")),
    ];
    let mut opened = false;
    for mode in [None, Some("data")] {
        for reply in replies {
            let request = Request::post("/app")
                .header("content-type", "application/json")
                .header("x-azure-functions-invocationid", "8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11")
                .header("x-azure-functions-hostversion", "4");
            let request = request.body(Payload::Whole(envelope.clone())).expect("a request");
            let host = host(mode);
            let (origin, decoded) = host.decode(request);
            let answer = match decoded {
                Decoded::Call(call) => {
                    if let Some(raw) = &call.invocation.raw {
                        opened = true;
                        assert_eq!(raw, envelope);
                    }
                    host.encode(origin, reply())
                }
                Decoded::Refused(refusal) => {
                    assert_eq!(mode, Some("data"), "without a mode it is a request");
                    assert!(refusal.error.to_string().len() < 2000, "{}", refusal.error);
                    host.encode(origin, Reply::Failed(refusal.error))
                }
                Decoded::Delivery(_) => panic!("there is no function that takes events"),
                Decoded::Answer(_) => panic!("an envelope is no probe"),
            };
            let body = answer.body().whole().expect("a whole reply").clone();
            assert!(!body.is_empty() && body != "null", "the host would wait for ever");
            let read = host.read("data", answer.map(|_| body)).expect("a reply that the host reads");
            assert!(matches!(read.status().as_u16(), 200 | 400..), "{}", read.status());
        }
    }
    opened
}

/// The envelopes of all golden vectors.
fn envelopes() -> &'static [Vec<u8>] {
    static ENVELOPES: OnceLock<Vec<Vec<u8>>> = OnceLock::new();
    ENVELOPES.get_or_init(|| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/http");
        let cases = fs::read_dir(folder).expect("the golden vectors").map(|case| case.expect("a case").path());
        let envelopes = cases.filter_map(|case| {
            let message = fs::read(case.join("in.json")).expect("an in.json");
            let message: serde_json::Value = serde_json::from_slice(&message).expect("JSON");
            Some(message.get("body")?.get("json")?.to_string().into_bytes())
        });
        let envelopes: Vec<_> = envelopes.collect();
        assert!(envelopes.len() > 25, "{} envelopes", envelopes.len());
        envelopes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn any_bytes(bytes in vec(any::<u8>(), 0..300)) {
        survives(&bytes.into());
    }

    #[test]
    fn any_text_of_json(text in "[{}\\[\\]\",:0-9a-e\\\\ ]{0,80}") {
        survives(&text.into());
    }

    #[test]
    fn an_envelope_with_slips(which: Index, slips in vec((any::<Index>(), 0_usize..12, "[\\PC\"\\\\{}\\[\\]]{0,4}"), 1..4)) {
        let mut envelope = which.get(envelopes()).clone();
        for (at, length, piece) in slips {
            let at = at.index(envelope.len() + 1);
            let end = envelope.len().min(at + length);
            envelope.splice(at..end, piece.into_bytes());
        }
        survives(&envelope.into());
    }

    #[test]
    fn an_envelope_cut_off(which: Index, at: Index) {
        let envelope = which.get(envelopes());
        survives(&envelope[..at.index(envelope.len())].to_vec().into());
    }

    #[test]
    fn any_request(method in "[A-Z]{1,7}", path in "/[ -~]{0,20}", headers in vec((0_usize..9, vec(any::<u8>(), 0..40)), 0..6)) {
        const NAMES: [&str; 9] = [
            "host", "x-forwarded-host", "x-forwarded-for", "x-azure-functions-invocationid", "x-ms-invocation-id",
            "x-azure-functions-hostversion", "traceparent", "content-type", "cookie",
        ];
        for mode in [None, Some("proxying"), Some("forwarding"), Some("data")] {
            let mut request = Request::builder().method(Method::from_bytes(method.as_bytes()).unwrap()).uri(path.as_str());
            for (name, value) in &headers {
                request = request.header(NAMES[*name], value.as_slice());
            }
            let Ok(request) = request.body(Payload::Stream(Body::from("{}"))) else { continue };
            let (origin, decoded) = host(mode).decode(request);
            if let Decoded::Refused(refusal) = decoded {
                prop_assert_eq!(mode, Some("data"));
                prop_assert!(!refusal.error.to_string().is_empty());
            }
            let answer = host(mode).encode(origin, Reply::Failed(Error::new(ErrorKind::Function, "words")));
            prop_assert_eq!(answer.status(), 500);
        }
    }
}

fn envelope(fields: &str) -> Bytes {
    format!(r#"{{"Data":{{"req":{{"Url":"http://h/","Method":"GET",{fields}}}}},"Metadata":{{}}}}"#).into()
}

#[test]
fn poison() {
    let deep = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    // Where the depth is in nothing that is read, it is not even seen.
    assert!(survives(&envelope(&format!(r#""Params":{}"#, "{}"))));
    for bytes in [
        deep(100_000).into(),
        "[".repeat(100_000).into(),
        "{\"Data\":".repeat(100_000).into(),
        Bytes::from_static(b"\xef\xbb\xbf{}"),
        Bytes::from_static(b"\0"),
        Bytes::new(),
        Bytes::from_static(b"null"),
        Bytes::from_static(br#"{"Data":{"req":{}},"Data":{}}"#),
        envelope(&format!(r#""Headers":{}"#, deep(100_000))),
        envelope(r#""Headers":{"a":[["b"]]}"#),
        envelope(r#""Headers":{"a":1}"#),
        // Each value takes many times the memory that its text takes.
        envelope(&format!(r#""Headers":{{"x":[{}"z"]}}"#, "\"y\",".repeat(30_000))),
        envelope(r#""Url":"http://twice/""#),
        envelope(&format!(r#""Headers":{{"content-type":["multipart/x"]}},"Body":"{}""#, "=".repeat(4))),
    ] {
        assert!(!survives(&bytes), "{}", bytes.slice(..bytes.len().min(200)).escape_ascii());
    }
    for bytes in [
        envelope(r#""Headers":{"a":null,"b":[],"c":[null],"":["x"],"é":["x"],"x":["\r\n"]}"#),
        envelope(r#""Body":null,"Headers":null,"Identities":null"#),
        envelope(r#""Body":{"json":true}"#),
        envelope(r#""payload":1,"sys":{"body":[]},"Records":[]"#),
        envelope(&format!(r#""Body":"{}""#, "x".repeat(6_000_000))),
        envelope(&format!(r#""Headers":{{"x":[{}"z"]}}"#, "\"y\",".repeat(999))),
    ] {
        assert!(survives(&bytes), "{}", bytes.slice(..bytes.len().min(200)).escape_ascii());
    }
}
