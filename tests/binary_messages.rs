//! A message of any bytes arrives as it was sent, through every shape that can carry it; any other shape reports an error.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use omnifn::{prelude::*, testing::Testing};
use omnifn_azure::Azure;
use omnifn_core::{Adapter, Decoded, Event, Payload};
use proptest::prelude::*;

#[derive(Clone, Default)]
struct Seen(Arc<Mutex<Vec<Bytes>>>);

impl Seen {
    fn add(&self, message: Message<Bytes>) {
        self.0.lock().expect("no panic while it is held").push(message.body);
    }

    fn sorted(&self) -> Vec<Bytes> {
        let mut seen = std::mem::take(&mut *self.0.lock().expect("no panic while it is held"));
        seen.sort();
        seen
    }
}

#[function(queue = "orders")]
async fn on_queue(message: Message<Bytes>, State(seen): State<Seen>) {
    seen.add(message);
}

#[function(topic = "news")]
async fn on_topic(message: Message<Bytes>, State(seen): State<Seen>) {
    seen.add(message);
}

#[function(stream = "telemetry")]
async fn on_stream(message: Message<Bytes>, State(seen): State<Seen>) {
    seen.add(message);
}

fn event((number, body): (usize, &Bytes)) -> Event {
    let mut message = Message::new(body.clone());
    message.id = Some(format!("id-{number}"));
    message.sequence = Some(number.to_string());
    message.into()
}

/// Delivers messages of these bodies everywhere. Returns the shapes that carried them.
fn arrive(function: &str, bodies: &[Bytes]) -> Vec<String> {
    let seen = Seen::default();
    let testing = Testing::new(|| omnifn::app!(on_queue, on_topic, on_stream).state(seen.clone()));
    let events = || bodies.iter().enumerate().map(event).collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let delivered = runtime.block_on(testing.deliver_everywhere(function, events));
    let mut carried = Vec::new();
    for place in delivered.not_carried() {
        let reason = place.reason.to_string();
        assert!(reason.contains("carry") || reason.contains("one event"), "{place}");
    }
    for delivered in delivered {
        let shape = format!("{}, {}", delivered.provider, delivered.shape);
        assert_eq!(delivered.acknowledged(), vec![true; bodies.len()], "{function}, {shape}");
        carried.push(shape);
    }
    let mut sent: Vec<_> = carried.iter().flat_map(|_| bodies.iter().cloned()).collect();
    sent.sort();
    assert_eq!(seen.sorted(), sent, "{function}: {carried:?}");
    carried
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(64) })]

    #[test]
    fn any_bytes_arrive(bodies in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 1..4)) {
        let bodies: Vec<Bytes> = bodies.into_iter().map(Bytes::from).collect();
        for function in ["on_queue", "on_topic", "on_stream"] {
            arrive(function, &bodies);
        }
    }
}

/// These are what a decoder might mistake for something else.
#[test]
fn bytes_that_look_like_something_else() {
    let bodies: [&[u8]; 16] = [
        b"\xff\x00\xfe\x21",
        b"",
        b"null",
        b"1234",
        b"true",
        b"/wD+",
        b"\"quoted\"",
        b"\"/wD+\"",
        b"[\"a\",\"b\"]",
        b"{\"MessageId\":\"x\"}",
        b"\xef\xbb\xbf{\"Id\":1}",
        b"\xff\xfe{\x00}\x00",
        b" ",
        b"=",
        b"\x00",
        b"{\"specversion\":\"1.0\"}",
    ];
    for body in bodies {
        let carried = arrive("on_queue", &[Bytes::from_static(body)]);
        for shape in ["azure, storage-queue", "azure, service-bus", "azure, service-bus-many", "gcp, pubsub"] {
            assert!(carried.iter().any(|carried| carried == shape), "{shape}: {carried:?}");
        }
        let carried = arrive("on_stream", &[Bytes::from_static(body)]);
        for shape in ["azure, event-hub", "azure, event-hub-many", "aws, kinesis", "gcp, pubsub"] {
            assert!(carried.iter().any(|carried| carried == shape), "{shape}: {carried:?}");
        }
        arrive("on_topic", &[Bytes::from_static(body)]);
    }
}

/// The setting in `function.json` decides how a message is decoded.
#[test]
fn function_json_decides() {
    let decode = |function_json: &str, data: &str, metadata: &str| {
        let mut azure = Azure::new(&|_: &str| None).with_function_json("on_queue", function_json.as_bytes()).unwrap();
        let app = omnifn::app!(on_queue).state(Seen::default());
        azure.serve(app.router().unwrap().functions());
        let message = http::Request::post("/on_queue")
            .header("content-type", "application/json")
            .header("x-azure-functions-invocationid", "8c5b0b1e-7d0d-4a52-8f0a-2f4f5f0b7a11")
            .header("x-azure-functions-hostversion", "4");
        let body = format!(r#"{{"Data":{data},"Metadata":{metadata}}}"#);
        match azure.decode(message.body(Payload::Whole(body.into())).unwrap()).1 {
            Decoded::Delivery(delivery) => delivery
                .records
                .into_iter()
                .map(|record| match record.event {
                    Ok(Event::Message(message)) => Ok(message.body),
                    Ok(other) => panic!("{}", other.what()),
                    Err(error) => Err(error.to_string()),
                })
                .collect::<Result<Vec<_>, _>>(),
            Decoded::Refused(refusal) => Err(refusal.error.to_string()),
            other => panic!("{other:?}"),
        }
    };
    let trigger = |fields: &str| {
        format!(
            r#"{{"bindings": [{{"type": "table", "name": "config"}}, {{"type": "serviceBusTrigger", "name": "msg"{fields}}}]}} // done"#
        )
    };
    let (text, binary, default) = (r#", "dataType": "string""#, r#", "dataType": "binary""#, "");
    let many = r#", "cardinality": "many""#;
    for (fields, data, expected) in [
        (binary, r#"{"msg": "/wD+"}"#, &[&b"\xff\x00\xfe"[..]][..]),
        (binary, r#"{"config": "\"x\"", "msg": "/wD+"}"#, &[b"\xff\x00\xfe"]),
        (binary, r#"{"config": "\"x\"", "msg": "\"/wD+\""}"#, &[b"\xff\x00\xfe"]),
        (text, r#"{"msg": "\"/wD+\"", "config": {"a": 1}}"#, &[b"/wD+"]),
        (text, r#"{"msg": "/wD+"}"#, &[b"/wD+"]),
        (default, r#"{"msg": "/wD+"}"#, &[b"\xff\x00\xfe"]),
        (default, r#"{"msg": "\"/wD+\""}"#, &[b"/wD+"]),
        (default, r#"{"msg": "\"1234\""}"#, &[b"1234"]),
        (&format!("{binary}{many}"), r#"{"msg": "[\"/wD+\",\"\"]"}"#, &[b"\xff\x00\xfe", b""]),
        (&format!("{binary}{many}"), r#"{"msg": ["/wD+"]}"#, &[b"\xff\x00\xfe"]),
        (&format!("{text}{many}"), r#"{"msg": "[\"/wD+\",\"x\"]"}"#, &[b"/wD+", b"x"]),
        (&format!("{text}{many}"), r#"{"msg": "[]"}"#, &[]),
        // One message whose body is a list.
        (&format!(r#"{text}, "cardinality": "one""#), r#"{"msg": "\"[1,2]\""}"#, &[b"[1,2]"]),
    ] {
        let found = decode(&trigger(fields), data, "{}").unwrap_or_else(|error| panic!("{fields} {data}: {error}"));
        assert_eq!(found, expected, "{fields} {data}");
    }
    for (fields, data, expected) in [
        (binary, r#"{"msg": "no base64"}"#, "`Data.msg` of the envelope is not valid base64"),
        (binary, r#"{"msg": {"a": 1}}"#, "`Data.msg` of the envelope is not valid base64"),
        (binary, r#"{"msg": null}"#, "not a message"),
        (
            text,
            r#"{"other": "\"x\""}"#,
            "`Data` contains `other`, but the trigger in the `function.json` of `on_queue` is called `msg`",
        ),
        (text, "{}", "`Data` is empty"),
        (&format!("{binary}{many}"), r#"{"msg": "[\"no base64\"]"}"#, "is not valid base64"),
        (&format!("{binary}{many}"), r#"{"msg": "/wD+"}"#, "the list of messages"),
    ] {
        let error = decode(&trigger(fields), data, "{}").unwrap_err();
        assert!(error.contains(expected), "{fields} {data}: {error}");
    }
}
