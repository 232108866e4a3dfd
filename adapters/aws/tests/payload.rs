//! Payloads that belong to the user: any JSON arrives unchanged, whatever it imitates.

use bytes::Bytes;
use http::Request;
use omnifn_aws::Aws;
use omnifn_core::{Adapter, Decoded, Deploy, Event, Functions, HttpTrigger, Location, Options, Payload, Spec, Trigger};
use proptest::{collection::vec, prelude::*, sample::select};

const LOCATION: Location = Location { module: "payload", file: file!(), line: 1 };

fn spec(name: &'static str, trigger: Trigger, service: Option<&'static str>) -> &'static Spec {
    let mut options = Options::NONE;
    options.service = service;
    let spec = Spec { name, trigger, options, deploy: Deploy::NONE, grants: &[], secrets: &[], location: LOCATION };
    Box::leak(Box::new(spec))
}

/// Returns the payload that the only function receives.
fn received(function: &'static Spec, event: &Bytes) -> Result<Bytes, String> {
    let mut aws = Aws::new(&|_: &str| None);
    let functions = Functions::from_iter([function]);
    aws.check(&functions).expect("a function alone is not ambiguous");
    aws.serve(functions);
    let delivery = match aws.decode(Request::new(Payload::Whole(event.clone()))).1 {
        Decoded::Delivery(delivery) => delivery,
        other => return Err(format!("{other:?}")),
    };
    match delivery.records.as_slice() {
        [record] => match &record.event {
            Ok(Event::Tick(tick)) => Ok(tick.input.clone()),
            Ok(Event::Message(message)) => Ok(message.body.clone()),
            other => Err(format!("{other:?}")),
        },
        records => Err(format!("{} records", records.len())),
    }
}

/// Keys and texts of the platform's own events.
const WORDS: &[&str] = &[
    "Records",
    "records",
    "eventSource",
    "EventSource",
    "aws:kinesis",
    "aws:sqs",
    "aws:s3",
    "aws:sns",
    "aws:kafka",
    "aws:mq",
    "awslogs",
    "data",
    "kinesis",
    "eventSourceARN",
    "messageId",
    "body",
    "requestContext",
    "http",
    "elb",
    "httpMethod",
    "rawPath",
    "raw_path",
    "is_base64_encoded",
    "path",
    "method",
    "GET",
    "version",
    "2.0",
    "detail-type",
    "source",
    "detail",
    "Scheduled Event",
    "aws.events",
    "aws.scheduler",
    "time",
    "resources",
    "Event",
    "s3:TestEvent",
    "Bucket",
    "Type",
    "Notification",
    "TopicArn",
    "type",
    "REQUEST",
    "methodArn",
    "messages",
    "events",
    "rmqMessagesByQueue",
    "window",
    "deliveryStreamArn",
    "statusCode",
    "",
    "_omnifn",
    "ä\\u0000",
];

fn json() -> impl Strategy<Value = String> {
    let word = || select(WORDS).prop_map(|word| format!("\"{word}\""));
    let leaf = prop_oneof![
        select(&["null", "true", "0", "-1.5e300", "18446744073709551616", "[]", "{}", "\"\\ud800\""][..])
            .prop_map(str::to_owned),
        word(),
    ];
    leaf.prop_recursive(5, 40, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|list| format!("[{}]", list.join(", "))),
            // A key may be repeated.
            vec((word(), inner), 0..6).prop_map(|fields| {
                let fields: Vec<_> = fields.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{{}}}", fields.join(","))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_json_arrives_unchanged(json in json()) {
        let event = Bytes::from(json);
        let schedule = spec("nightly", Trigger::Schedule("0 3 * * *"), None);
        prop_assert_eq!(received(schedule, &event), Ok(event.clone()));
        for service in [Some("iot"), Some("iot-rule")] {
            let stream = spec("measure", Trigger::Stream("telemetry"), service);
            prop_assert_eq!(received(stream, &event), Ok(event.clone()));
        }
        // What a device wrote reaches no stream that does not say so.
        for service in [None, Some("event-hubs"), Some("kinesis"), Some("kafka"), Some("cloudwatch-logs")] {
            let stream = spec("measure", Trigger::Stream("telemetry"), service);
            prop_assert!(received(stream, &event) != Ok(event.clone()), "{:?}", service);
        }
    }
}

/// A stream that is declared to be an IoT rule receives even a perfect imitation of another service's event unchanged.
#[test]
fn a_declared_iot_rule_is_never_interpreted() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/events");
    let mut count = 0;
    for case in std::fs::read_dir(folder).expect("the golden vectors") {
        let message = std::fs::read(case.expect("a case").path().join("in.json")).expect("an in.json");
        let message: serde_json::Value = serde_json::from_slice(&message).expect("JSON");
        let Some(json) = message["body"].get("json") else { continue };
        let event = Bytes::from(json.to_string());
        let stream = spec("measure", Trigger::Stream("telemetry"), Some("iot"));
        assert_eq!(received(stream, &event), Ok(event));
        count += 1;
    }
    assert!(count > 40, "{count}");
}

#[test]
fn what_is_not_json_is_refused() {
    for function in [
        spec("nightly", Trigger::Schedule("0 3 * * *"), None),
        spec("measure", Trigger::Stream("telemetry"), None),
        spec("measure", Trigger::Stream("telemetry"), Some("iot")),
    ] {
        for event in ["", " ", "{", "wake up", "{\"a\": 1} x", "[1,]"] {
            assert!(received(function, &Bytes::from(event)).is_err(), "{event}");
        }
    }
}

/// A function whose payload belongs to the user is the only one of its program.
#[test]
fn ambiguous_programs_do_not_start() {
    let http = spec("hello", Trigger::Http(HttpTrigger { routes: &[] }), None);
    let queue = spec("settle", Trigger::Queue("orders"), None);
    let schedule = spec("nightly", Trigger::Schedule("0 3 * * *"), None);
    let stream = spec("measure", Trigger::Stream("telemetry"), None);
    let iot = spec("devices", Trigger::Stream("devices"), Some("iot"));
    let kinesis = spec("clicks", Trigger::Stream("clicks"), Some("kinesis"));
    let check = |functions: &[&'static Spec]| Aws::new(&|_: &str| None).check(&functions.iter().copied().collect());
    for functions in [&[][..], &[http], &[schedule], &[stream], &[iot], &[http, queue, kinesis]] {
        assert!(check(functions).is_ok(), "{functions:?}");
    }
    for (functions, named) in [
        (&[http, schedule][..], "nightly"),
        (&[schedule, schedule], "nightly"),
        (&[queue, stream], "measure"),
        (&[kinesis, iot], "devices"),
    ] {
        let error = check(functions).expect_err(named).to_string();
        assert!(error.contains(&format!("`{named}`")) && error.contains("OMNIFN_FUNCTION"), "{error}");
    }
}
