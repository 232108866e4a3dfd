use crate::{
    attributes::{has_failed, hex, links, place, said, text},
    collector::{Asked, Collector},
    lambda,
};

/// X-Ray's header of the invocation: not recorded, as everywhere where X-Ray is off.
const OFF: &str = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=0";

/// A batch of SQS: bodies, and the X-Ray headers of their senders.
fn messages(messages: &[(&str, Option<&str>)]) -> String {
    let message = |(i, (body, trace)): (usize, &(&str, Option<&str>))| {
        let attributes = trace.map(|trace| format!(r#""AWSTraceHeader":"{trace}""#)).unwrap_or_default();
        format!(
            r#"{{"messageId":"id-{i}","body":"{body}","attributes":{{{attributes}}},"eventSource":"aws:sqs",
                "eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:orders"}}"#
        )
    };
    let records = messages.iter().enumerate().map(message).collect::<Vec<_>>().join(",");
    format!(r#"{{"Records":[{records}]}}"#)
}

fn sender(root: u32, parent: &str, sampled: u8) -> String {
    format!("Root=1-{root:08x}-000000000000000000000001;Parent={parent};Sampled={sampled}")
}

fn trace_of(root: u32) -> String {
    format!("{root:08x}000000000000000000000001")
}

#[test]
fn each_message_of_a_batch_is_a_child_of_its_sender() {
    let collector = Collector::start();
    let _process = lambda(&collector, &[("AWS_REGION", "us-east-1")]);
    let (first, second) = (sender(1, "00000000000000a1", 1), sender(2, "00000000000000a2", 0));
    let batch = [("one", Some(first.as_str())), ("two", Some(second.as_str())), ("bad", None)];
    collector.event(OFF, &messages(&batch));
    collector.wait("the spans", || (collector.spans().len() == 7).then_some(()));

    let all: Vec<_> = collector.spans().into_iter().filter(|span| span.name == "process orders").collect();
    let of = |id: &str| all.iter().find(|span| said(span, "messaging.message.id") == id).expect("a span of each");
    let whole = all.iter().find(|span| said(span, "messaging.batch.message_count") == "3").expect("one of all");
    let (own, trace) = (hex(&whole.span_id), hex(&whole.trace_id));
    // X-Ray's span is nowhere to be seen, so it is linked and no parent; what it does not record is its own affair.
    assert_eq!(place(whole).1, "");
    assert_eq!(links(whole), ["53995c3f42cd8ad8", "00000000000000a1", "00000000000000a2"]);
    assert_eq!(place(of("id-0")), (trace_of(1), "00000000000000a1".to_owned()));
    assert_eq!(links(of("id-0")), [own.as_str()]);
    assert_eq!(place(of("id-1")), (trace.clone(), own.clone()));
    assert_eq!(links(of("id-1")), ["00000000000000a2"]);
    assert_eq!(place(of("id-2")), (trace, own));
    assert!(has_failed(of("id-2")) && !has_failed(of("id-0")) && has_failed(whole));
    assert_eq!(place(&collector.span("charge one")), (trace_of(1), hex(&of("id-0").span_id)));

    for span in &all {
        let expected = [
            ("faas.trigger", "pubsub"),
            ("messaging.system", "aws_sqs"),
            ("messaging.operation.type", "process"),
            ("messaging.destination.name", "orders"),
        ];
        for (key, value) in expected {
            assert_eq!(said(span, key), value, "{key}");
        }
        assert_eq!(span.kind().as_str_name(), "SPAN_KIND_CONSUMER");
    }
    let about = [("faas.trigger", "pubsub"), ("omnifn.function", "settle")];
    collector.wait("the counts", || (collector.count("omnifn.records", &about) == 3).then_some(()));
    assert_eq!(collector.count("omnifn.record.failures", &about), 1);
    assert_eq!((collector.count("faas.errors", &about), collector.count("faas.invocations", &about)), (1, 0));
    let resource = collector.resource().attributes;
    let expected = [
        ("service.name", "shop"),
        ("faas.version", "7"),
        ("faas.instance", "2026/11/25/[7]0815"),
        ("cloud.provider", "aws"),
        ("cloud.platform", "aws_lambda"),
        ("cloud.region", "us-east-1"),
    ];
    for (key, value) in expected {
        assert_eq!(text(&resource, key).as_deref(), Some(value), "{key}");
    }
}

#[test]
fn a_message_that_is_alone_has_one_span() {
    let collector = Collector::start();
    let _process = lambda(&collector, &[]);
    let recorded = "Root=1-67891233-abcdef012345678912345678;Parent=53995c3f42cd8ad8;Sampled=1";
    collector.event(recorded, &messages(&[("one", Some(&sender(1, "00000000000000a1", 1)))]));
    let span = collector.span("process orders");
    assert_eq!(place(&span), (trace_of(1), "00000000000000a1".to_owned()));
    assert_eq!(links(&span), ["53995c3f42cd8ad8"]);
    assert_eq!(said(&span, "messaging.message.id"), "id-0");
    assert_eq!(said(&span, "messaging.batch.message_count"), "");
    assert_eq!(said(&span, "faas.invocation_id"), "8476a536-e9f4-11e8-9739-2dfe598c3fcd");
    let child = collector.span("charge one");
    assert_eq!(place(&child), (trace_of(1), hex(&span.span_id)));
    assert_eq!(collector.spans().len(), 2);
}

#[test]
fn a_trace_that_x_ray_does_not_sample_is_not_recorded() {
    let collector = Collector::start();
    let _process = lambda(&collector, &[("OTEL_PROPAGATORS", "tracecontext,xray-lambda")]);
    collector.event(OFF, &messages(&[("not recorded", None)]));
    collector.event(&OFF.replace("Sampled=0", "Sampled=1"), &messages(&[("recorded", None)]));
    let span = collector.span("charge recorded");
    assert_eq!(hex(&span.trace_id), "67891233abcdef012345678912345678");
    assert!(collector.spans().iter().all(|span| span.name != "charge not recorded"));
}

#[test]
fn all_has_arrived_before_the_next_event_is_asked_for() {
    let collector = Collector::start();
    let _process = lambda(&collector, &[]);
    for i in 0..20 {
        collector.event(OFF, &messages(&[(&format!("{i}"), None)]));
    }
    let asked = collector.wait("the last question", || {
        let asked = collector.asked();
        (asked.iter().filter(|asked| matches!(asked, Asked::Next)).count() == 21).then_some(asked)
    });
    // One question, its reply, and then the export, of which the two parts go side by side.
    for (i, round) in asked[..80].chunks(4).enumerate() {
        let [Asked::Next, Asked::Reply, exported @ ..] = round else { panic!("{i}: {round:?}") };
        let spans = exported.iter().find_map(|part| if let Asked::Spans(spans) = part { Some(spans) } else { None });
        let names: Vec<_> = spans.expect("spans").iter().map(|span| span.name.clone()).collect();
        assert_eq!(names, [format!("charge {i}"), "process orders".to_owned()]);
        assert!(exported.iter().any(|part| matches!(part, Asked::Metrics(_))), "{i}: {round:?}");
    }
}

#[test]
fn a_streamed_reply_belongs_to_its_request() {
    let collector = Collector::start();
    let _process = lambda(&collector, &[("OMNIFN_AWS_STREAMING", "1")]);
    collector.event(
        OFF,
        r#"{"version":"2.0","rawPath":"/stream","rawQueryString":"","isBase64Encoded":false,"headers":{},
            "requestContext":{"http":{"method":"GET","path":"/stream"},"stage":"$default",
            "domainName":"abc.lambda-url.us-east-1.on.aws"}}"#,
    );
    collector.wait("the next question", || {
        (collector.asked().iter().filter(|asked| matches!(asked, Asked::Next)).count() == 2).then_some(())
    });
    let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["of the body", "GET /stream"]);
    assert!(!has_failed(&collector.span("GET /stream")));
}

#[test]
fn requests_objects_and_schedules_have_their_attributes() {
    let collector = Collector::start();
    let _process = lambda(&collector, &[]);
    collector.event(
        OFF,
        r#"{"version":"2.0","rawPath":"/hello/Ada","rawQueryString":"secret=4711","isBase64Encoded":false,
            "headers":{"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
            "requestContext":{"http":{"method":"GET","path":"/hello/Ada"},"stage":"$default"}}"#,
    );
    let span = collector.span("GET /hello/{name}");
    assert_eq!(place(&span), ("0af7651916cd43dd8448eb211c80319c".to_owned(), "b7ad6b7169203331".to_owned()));
    collector.event(
        OFF,
        r#"{"Records":[{"eventVersion":"2.1","eventSource":"aws:s3","eventTime":"2026-11-23T05:42:33.163Z",
            "eventName":"ObjectCreated:Put","s3":{"bucket":{"name":"uploads"},"object":{"key":"cat.jpg","size":7}}}]}"#,
    );
    let span = collector.span("thumbnail");
    let expected = [
        ("faas.trigger", "datasource"),
        ("faas.document.collection", "uploads"),
        ("faas.document.name", "cat.jpg"),
        ("faas.document.operation", "insert"),
        ("faas.document.time", "2026-11-23T05:42:33.163Z"),
    ];
    for (key, value) in expected {
        assert_eq!(said(&span, key), value, "{key}");
    }
    let collector = Collector::start();
    let _process = lambda(&collector, &[("OMNIFN_FUNCTION", "nightly")]);
    collector.event(
        OFF,
        r#"{"version":"0","id":"1","detail-type":"Scheduled Event","source":"aws.events","time":"2026-11-23T03:00:00Z",
            "resources":["arn:aws:events:us-east-1:123456789012:rule/nightly"],"detail":{}}"#,
    );
    let span = collector.span("nightly");
    assert_eq!((said(&span, "faas.trigger").as_str(), said(&span, "faas.cron").as_str()), ("timer", "0 3 * * *"));
    assert!(said(&span, "faas.time").ends_with('Z'));
}
