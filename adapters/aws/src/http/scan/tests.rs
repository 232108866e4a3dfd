use serde::de::IgnoredAny;

use super::*;
use crate::http::tests::{and_slips, oracle, recorded};

/// Whether it was taken: so it is by serde, and both make the same of it.
fn agrees(json: &[u8]) -> bool {
    let shown = || String::from_utf8_lossy(json).into_owned();
    let known = match serde_json::from_slice::<oracle::Event<'_>>(json) {
        Ok(known) => Some(known),
        // Serde takes a list for an object, its elements for the members.
        Err(error) if error.to_string().contains("expected struct") => None,
        Err(error) => {
            assert!(event(json).is_none(), "{error}: {}", shown());
            return false;
        }
    };
    let read = event(json);
    match (&read, known) {
        (Some(read), Some(known)) => assert_eq!(format!("{read:?}"), format!("{known:?}"), "{}", shown()),
        (None, None) => {}
        _ => panic!("taken by one alone: {}", shown()),
    }
    read.is_some()
}

#[test]
fn it_reads_what_serde_reads() {
    let (mut taken, mut slips) = (0, 0);
    for event in recorded("http") {
        taken += usize::from(agrees(&event));
        slips += and_slips(&event).filter(|json| agrees(json)).count();
    }
    assert!(taken > 100 && slips > 5_000, "{taken}, with slips {slips}");
}

#[test]
fn it_takes_what_a_gateway_may_write() {
    let deep = format!(r#"{{"path":"/","other":{}1{}}}"#, "[{\"a\":".repeat(5_000), "}]".repeat(5_000));
    for json in [
        r#"{"version":"2.0","rawPath":"/a","headers":{"a":"b"},"cookies":["c=d"],"requestContext":{"http":{"method":"GET","sourceIp":"::1"},"authorizer":{"jwt":{"claims":{"sub":"x"}}},"timeEpoch":1},"body":"{\"a\":\n1}","isBase64Encoded":false}"#,
        r#"{"httpMethod":"GET","path":"/","multiValueHeaders":{"a":["b","c",null],"d":null},"queryStringParameters":null,"requestContext":{"identity":{"sourceIp":"::1","user":null},"authorizer":null}}"#,
        r#"{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"GET","path":"/","headers":{},"body":"","isBase64Encoded":true}"#,
        " { \"body\" : \"\\ud83e\\udd80 \\ud800 \u{e9}\" } ",
        r#"{"p\u0061th":"/a","\u0000":1e999,"requestContext":{"\/h":-0.5,"h\u0074tp":{"m\u0065thod":"GET"}}}"#,
        "{\"\u{e9}\":\"\u{e9}\",\"requestContext\":{\"\u{e9}\":{}},\"headers\":{\"\u{e9}\":\"\u{e9}\"}}",
        r#"{"headers":{"a":"1","a":["2",null],"\ud800":"3"}}"#,
        &deep,
    ] {
        assert!(agrees(json.as_bytes()), "{json}");
    }
}

#[test]
fn it_leaves_what_serde_refuses() {
    for json in [
        r#"{"path":"/a","path":"/b"}"#,
        r#"{"path":null,"path":null}"#,
        r#"{"path":1}"#,
        r#"{"headers":{"a":1}}"#,
        r#"{"headers":[]}"#,
        r#"{"cookies":[null]}"#,
        r#"{"isBase64Encoded":"true"}"#,
        r#"{"requestContext":{"http":"GET"}}"#,
        r#"{"other":"\x"}"#,
        "{\"other\":\"\n\"}",
        r#"{"path":"\x"}"#,
        r#"{"path":"/"} {}"#,
        r#"{"path":"/",}"#,
        r#"{"path":"/""#,
        "[]",
        "",
    ] {
        assert!(serde_json::from_slice::<oracle::Event<'_>>(json.as_bytes()).is_err(), "{json}");
        assert!(event(json.as_bytes()).is_none(), "{json}");
    }
}

#[test]
fn what_is_skipped_is_what_serde_ignores() {
    let mut taken = 0;
    for event in ["http", "events"].into_iter().flat_map(recorded) {
        for json in and_slips(&event) {
            let mut scanner = Scanner::new(&json[..]);
            if scanner.skip().and_then(|()| scanner.end()).is_some() {
                taken += 1;
                let ignored = serde_json::from_slice::<IgnoredAny>(&json);
                assert!(ignored.is_ok(), "{}: {ignored:?}", String::from_utf8_lossy(&json));
            }
        }
        let mut scanner = Scanner::new(&event[..]);
        scanner.skip().and_then(|()| scanner.end()).expect("what is no slip");
    }
    assert!(taken > 10_000, "{taken}");
}
