use serde_json::value::RawValue;

use super::*;
use crate::{
    events::probe::First,
    http::tests::{and_slips, recorded},
};

fn read(json: &[u8]) -> Option<Vec<(Sqs<'_>, &str)>> {
    let mut messages = Vec::new();
    super::read(json, |message, whole| {
        messages.push((message, whole));
        Some(())
    })?;
    Some(messages)
}

/// Whether it was taken; then serde makes the same of each message.
fn agrees(json: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Event<'a> {
        #[serde(borrow)]
        records: Vec<&'a RawValue>,
    }
    let Some(quick) = read(json) else { return false };
    let shown = || String::from_utf8_lossy(json).into_owned();
    let event: Event<'_> = serde_json::from_slice(json).unwrap_or_else(|error| panic!("{error}: {}", shown()));
    assert_eq!(quick.len(), event.records.len(), "{}", shown());
    for ((message, whole), record) in quick.iter().zip(&event.records) {
        let mut careful: Sqs<'_> =
            serde_json::from_str(record.get()).unwrap_or_else(|error| panic!("{error}: {}", shown()));
        // None of them is as good as nothing about them.
        careful.message_attributes = careful.message_attributes.filter(|attributes| !attributes.is_empty());
        assert_eq!((format!("{message:?}"), *whole), (format!("{careful:?}"), record.get()), "{}", shown());
        let first: First<'_> =
            serde_json::from_str(record.get()).unwrap_or_else(|error| panic!("{error}: {}", shown()));
        assert_eq!(first.source(), Some("aws:sqs"), "{}", shown());
    }
    true
}

#[test]
fn it_reads_what_serde_reads() {
    let (mut taken, mut slips) = (0, 0);
    for event in recorded("events") {
        taken += usize::from(agrees(&event));
        slips += and_slips(&event).filter(|json| agrees(json)).count();
    }
    assert!(taken >= 14 && slips > 1_000, "{taken}, with slips {slips}");
}

#[test]
fn it_leaves_the_rest_to_serde() {
    let record = |members: &str| format!(r#"{{"Records":[{{"eventSource":"aws:sqs",{members}}}]}}"#);
    for members in [
        r#""messageId":"a","body":"{\"b\":\t1}\u00e9","attributes":{"SentTimestamp":"1","x":[1,{"y":null}]}"#,
        r#""messageAttributes":{"a":{"stringValue":"b","dataType":"String"},"a":{"binaryValue":"Yg=="}}"#,
    ] {
        assert!(agrees(record(members).as_bytes()), "{members}");
    }
    for members in [
        r#""messageId":1"#,
        r#""body":"a","body":"b""#,
        r#""attributes":[]"#,
        r#""attributes":{"SentTimestamp":1}"#,
        r#""messageAttributes":{"a":1}"#,
        r#""EventSource":"aws:sns""#,
        "\"body\":\"\n\"",
        r#""body":"\ud800""#,
    ] {
        assert!(read(record(members).as_bytes()).is_none(), "{members}");
    }
    for event in [
        r#"{"Records":[],"Records":[{"eventSource":"aws:sqs"}]}"#,
        r#"{"Records":[{"eventSource":"aws:s3"}]}"#,
        r#"{"Records":[{}]}"#,
        r#"{"Records":null}"#,
        r#"{"Records":[{"eventSource":"aws:sqs"}],"other":1}"#,
        r#"{"Records":[{"eventSource":"aws:sqs"}]}]"#,
    ] {
        assert!(read(event.as_bytes()).is_none(), "{event}");
    }
    let mut broken = record(r#""body":"?""#).into_bytes();
    let at = broken.iter().position(|byte| *byte == b'?').expect("the body");
    broken[at] = 0xff;
    assert!(read(&broken).is_none());
}
