use std::time::{Duration, Instant};

use crate::{
    client::Client,
    collector::{Asked, Collector, Mood},
    lambda, server,
};

const MESSAGE: &str = r#"{"Records":[{"messageId":"1","body":"one","eventSource":"aws:sqs",
    "eventSourceARN":"arn:aws:sqs:us-east-1:123456789012:orders"}]}"#;

fn replies(collector: &Collector) -> usize {
    collector.asked().iter().filter(|asked| matches!(asked, Asked::Reply)).count()
}

#[test]
fn a_collector_that_hangs_costs_one_invocation_a_while_and_one_line() {
    let collector = Collector::start();
    collector.set(Mood::Hangs);
    let process = lambda(&collector, &[("OTEL_EXPORTER_OTLP_TIMEOUT", "700")]);
    let begun = Instant::now();
    for _ in 0..50 {
        collector.event("", MESSAGE);
    }
    collector.wait("the replies", || (replies(&collector) == 50).then_some(()));
    // The first one waits for the collector, and those after it do not, for a while.
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let line = process.wait_for("cannot be exported");
    assert!(line.contains("deadline has elapsed"), "{line}");

    collector.set(Mood::Takes);
    collector.wait("spans", || {
        collector.event("", MESSAGE);
        std::thread::sleep(Duration::from_millis(20));
        (!collector.spans().is_empty()).then_some(())
    });
    let line = process.wait_for("are exported again");
    assert!(line.contains("spans were lost"), "{line}");
    let log = process.log().join("\n");
    assert_eq!(log.matches("cannot be exported").count(), 1, "{log}");
}

#[test]
fn pending_spans_are_exported_when_lambda_ends_the_program() {
    let collector = Collector::start();
    collector.set(Mood::Refuses);
    let process = lambda(&collector, &[]);
    collector.event("", MESSAGE);
    process.wait_for("cannot be exported");
    collector.set(Mood::Takes);
    collector.event("", &MESSAGE.replace("one", "two"));
    collector.wait("the reply", || (replies(&collector) == 2).then_some(()));
    process.signal("TERM");
    assert_eq!(process.wait().0, Some(0));
    let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["charge two", "process orders"]);
}

#[test]
fn an_unreachable_collector_is_logged_once() {
    let collector = Collector::start();
    let nobody = format!("http://127.0.0.1:{}", crate::ports::free_port());
    let (process, port) = server(&collector, &[("OTEL_EXPORTER_OTLP_ENDPOINT", nobody.as_str())]);
    for _ in 0..100 {
        let reply = Client::connect(port).get("/hello/Ada");
        assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    }
    let line = process.wait_for("cannot be exported");
    assert!(line.to_lowercase().contains("refused"), "{line}");
    std::thread::sleep(Duration::from_millis(1500));
    process.signal("TERM");
    let (code, complaints) = process.wait();
    assert_eq!((code, complaints.len()), (Some(0), 1), "{complaints:?}");
}

/// A key in a header is the collector's password.
#[test]
fn headers_that_leave_the_machine_in_clear_text_are_a_warning() {
    let collector = Collector::start();
    let key = ("OTEL_EXPORTER_OTLP_HEADERS", "x-api-key=hunter2");
    // Nobody is at this address, of a block for documentation.
    for (endpoint, is_told) in [(Some("http://192.0.2.1:4318"), true), (None, false)] {
        let endpoint = endpoint.map(|endpoint| ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint));
        let variables: Vec<_> = [key, ("OTEL_EXPORTER_OTLP_TIMEOUT", "100")].into_iter().chain(endpoint).collect();
        let (process, port) = server(&collector, &variables);
        assert!(Client::connect(port).get("/hello/Ada").starts_with("HTTP/1.1 200"));
        process.signal("TERM");
        let (_, complaints) = process.wait();
        let told: Vec<_> = complaints.iter().filter(|line| line.contains("in clear text")).collect();
        assert_eq!(told.len(), usize::from(is_told), "{complaints:?}");
        assert!(told.iter().all(|line| line.contains(key.0)), "{told:?}");
        assert!(!complaints.join("\n").contains("hunter2"), "{complaints:?}");
    }
}

/// A while without a request, in which nothing is sent, is not the end of an outage.
#[test]
fn an_unsent_response_is_not_a_success() {
    let collector = Collector::start();
    collector.set(Mood::Refuses);
    let (process, port) = server(&collector, &[("OTEL_METRICS_EXPORTER", "none")]);
    Client::connect(port).get("/hello/Ada");
    process.wait_for("cannot be exported");
    // Longer than several schedules of the batch processor.
    std::thread::sleep(Duration::from_millis(1500));
    assert!(!process.log().join("\n").contains("exported again"), "{:?}", process.log());
    // The next failure is one of the same outage.
    Client::connect(port).get("/hello/Bob");
    collector.wait("a second try", || (collector.refused() == 2).then_some(()));
    collector.set(Mood::Takes);
    Client::connect(port).get("/hello/Cy");
    process.wait_for("exported again; 4 spans were lost");
    assert_eq!(process.log().join("\n").matches("cannot be exported").count(), 1);
}

#[test]
fn a_refusing_collector_is_logged_once_and_does_not_delay_the_shutdown() {
    let collector = Collector::start();
    collector.set(Mood::Refuses);
    let (process, port) = server(&collector, &[]);
    Client::connect(port).get("/hello/Ada");
    let line = process.wait_for("cannot be exported");
    assert!(line.contains("503"), "{line}");
    collector.set(Mood::Hangs);
    let begun = Instant::now();
    process.signal("TERM");
    let (code, complaints) = process.wait();
    assert_eq!((code, complaints.len()), (Some(0), 1), "{complaints:?}");
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

#[test]
fn collections_have_a_limit() {
    let collector = Collector::start();
    let never = [("OTEL_BSP_SCHEDULE_DELAY", "3600000"), ("OTEL_BSP_MAX_QUEUE_SIZE", "10")];
    let more = [&never[..], &[("OTEL_METRIC_EXPORT_INTERVAL", "3600000"), ("OTEL_METRICS_EXPORTER", "none")]].concat();
    collector.set(Mood::Refuses);
    let (process, port) = server(&collector, &more);
    for _ in 0..40 {
        Client::connect(port).get("/hello/Ada");
    }
    process.wait_for("cannot be exported");
    collector.set(Mood::Takes);
    process.signal("TERM");
    let (code, complaints) = process.wait();
    assert_eq!(code, Some(0));
    // Each request has two. At most a full queue is left, and the batch that is exported meanwhile.
    let exported = collector.spans().len();
    assert!(exported <= 20, "{exported}");
    assert!(complaints.iter().any(|line| line.contains("exported again; ")), "{complaints:?}");
}
