//! Log lines, as each platform's documentation has them.

use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use omnifn::{Deploy, Location, Options, Spec, Trigger};
use omnifn_core::{
    Adapter, Context, Invocation, TraceContext,
    log::{Entry, Level, Request},
};
use serde_json::json;

const SPEC: Spec = Spec {
    name: "settle",
    trigger: Trigger::Queue("orders"),
    options: Options::NONE,
    deploy: Deploy::NONE,
    grants: &[],
    secrets: &[],
    location: Location { module: "logs", file: "logs.rs", line: 1 },
};

fn context(provider: &'static str) -> Context {
    let trace = TraceContext::from_traceparent("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    let invocation = Invocation { id: Some("id-7".to_owned()), trace, ..Invocation::default() };
    Context::new(provider, invocation, true, SystemTime::now, Arc::default()).with_function(&SPEC)
}

fn entry(level: Level, message: &str) -> Entry<'static> {
    Entry::new(UNIX_EPOCH + Duration::from_millis(1_700_000_000_250), level, message)
}

fn line(adapter: &impl Adapter, entry: &Entry<'_>) -> String {
    let mut out = Vec::new();
    adapter.log_format().write(entry, &mut out);
    let text = String::from_utf8(out).expect("UTF-8");
    assert!(text.ends_with('\n') && text.matches('\n').count() == 1, "one line: {text:?}");
    text
}

/// The one line of an invocation, and that of a failure.
fn lines(adapter: &impl Adapter) -> [String; 2] {
    let context = context(adapter.provider());
    let mut ended = entry(Level::INFO, "GET /a\"\n → 200");
    ended.request = Some(Request { method: "GET".to_owned(), path: "/a\"\n".to_owned(), status: 200 });
    ended.fields = vec![("duration_ms", json!(12.5)), ("cold_start", json!(true)), ("failed", json!(0))];
    ended.context = Some(context.clone());
    let mut failed = entry(Level::ERROR, "there are \"none\"");
    failed.fields = vec![("record", json!("m-1")), ("class", json!("retry"))];
    (failed.context, failed.error) = (Some(context), Some("SoldOut".to_owned()));
    [line(adapter, &ended), line(adapter, &failed)]
}

fn read(line: &str) -> serde_json::Value {
    serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))
}

/// <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>
#[test]
fn aws() {
    let json_format = |name: &str| match name {
        "AWS_LAMBDA_LOG_FORMAT" => Some("JSON".to_owned()),
        "AWS_LAMBDA_LOG_LEVEL" => Some("DEBUG".to_owned()),
        _ => None,
    };
    let adapter = omnifn::aws::Aws::new(&json_format);
    assert_eq!(adapter.log_format().level(), Some(Level::DEBUG));
    let [ended, failed] = lines(&adapter);
    let (trace, time) = ("0af7651916cd43dd8448eb211c80319c", "2023-11-14T22:13:20.25Z");
    assert_eq!(
        read(&ended),
        json!({"timestamp": time, "level": "INFO", "message": "GET /a\"\n → 200", "requestId": "id-7", "function": "settle",
            "traceId": trace, "logger": "omnifn", "duration_ms": 12.5, "cold_start": true, "failed": 0, "status": 200})
    );
    assert_eq!(
        read(&failed),
        json!({"timestamp": time, "level": "ERROR", "message": "there are \"none\"", "errorType": "SoldOut", "requestId": "id-7",
            "function": "settle", "traceId": trace, "logger": "omnifn", "record": "m-1", "class": "retry"})
    );

    let text = omnifn::aws::Aws::new(&|name: &str| (name == "AWS_LAMBDA_LOG_LEVEL").then(|| "DEBUG".to_owned()));
    assert_eq!(text.log_format().level(), None, "the level counts with JSON alone");
    let [ended, failed] = lines(&text);
    assert!(
        ended.starts_with("INFO omnifn: GET /a\"\\n → 200 provider=aws function=settle invocation_id=\"id-7\""),
        "{ended}"
    );
    assert!(
        failed.starts_with("ERROR omnifn: SoldOut ") && failed.ends_with("error=\"there are \\\"none\\\"\"\n"),
        "{failed}"
    );
}

/// <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>
#[test]
fn metrics_of_cloudwatch() {
    let adapter = omnifn::aws::Aws::new(&|name: &str| (name == "OMNIFN_AWS_METRICS").then(|| "shop".to_owned()));
    let [ended, failed] = lines(&adapter);
    assert!(failed.starts_with("ERROR omnifn: "), "only the line of an invocation is a metric: {failed}");
    let ended = read(&ended);
    let metric = |name: &str, unit: &str| json!({"Name": name, "Unit": unit});
    let metrics = [
        metric("invocations", "Count"),
        metric("failed", "Count"),
        metric("cold_starts", "Count"),
        metric("duration_ms", "Milliseconds"),
    ];
    let directive = json!({"Namespace": "shop", "Dimensions": [["function"]], "Metrics": metrics});
    assert_eq!(ended["_aws"], json!({"Timestamp": 1_700_000_000_250_u64, "CloudWatchMetrics": [directive]}));
    // Each metric and each dimension is a field of the line.
    let values = ["function", "invocations", "failed", "cold_starts", "duration_ms"].map(|name| ended[name].clone());
    assert_eq!(values, [json!("settle"), json!(1), json!(0), json!(1), json!(12.5)]);
}

/// <https://cloud.google.com/logging/docs/structured-logging>
#[test]
fn gcp() {
    let adapter = omnifn::gcp::Gcp::new(&|name: &str| (name == "GOOGLE_CLOUD_PROJECT").then(|| "p".to_owned()));
    let [ended, failed] = lines(&adapter);
    let more = json!({
        "time": "2023-11-14T22:13:20.25Z",
        "logging.googleapis.com/trace": "projects/p/traces/0af7651916cd43dd8448eb211c80319c",
        "logging.googleapis.com/spanId": "b7ad6b7169203331",
        "logging.googleapis.com/trace_sampled": true,
        "logging.googleapis.com/labels": {"function": "settle", "invocation_id": "id-7"},
        "logger": "omnifn",
    });
    let with = |mut line: serde_json::Value| {
        line.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        line
    };
    let http = json!({"requestMethod": "GET", "requestUrl": "/a\"\n", "status": 200, "latency": "0.0125s"});
    assert_eq!(
        read(&ended),
        with(
            json!({"severity": "INFO", "message": "GET → 200", "httpRequest": http, "duration_ms": 12.5, "cold_start": true, "failed": 0})
        )
    );
    assert_eq!(
        read(&failed),
        with(
            json!({"severity": "ERROR", "message": "SoldOut: there are \"none\"", "error": "SoldOut", "record": "m-1", "class": "retry"})
        )
    );
}

#[test]
fn azure() {
    let adapter = omnifn::azure::Azure::new(&|_: &str| None);
    assert!(adapter.log_format().to_stdout(), "what is on standard error, the host takes for errors");
    let [ended, failed] = lines(&adapter);
    let (trace, span, time) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331", "2023-11-14T22:13:20.25Z");
    assert_eq!(
        read(&ended),
        json!({"time": time, "level": "INFO", "message": "GET /a\"\n → 200", "invocationId": "id-7", "function": "settle",
            "traceId": trace, "spanId": span, "logger": "omnifn", "duration_ms": 12.5, "cold_start": true, "failed": 0, "status": 200})
    );
    assert_eq!(
        read(&failed),
        json!({"time": time, "level": "ERROR", "message": "there are \"none\"", "error": "SoldOut", "invocationId": "id-7",
            "function": "settle", "traceId": trace, "spanId": span, "logger": "omnifn", "record": "m-1", "class": "retry"})
    );
}

#[test]
fn local() {
    let adapter = omnifn::local::Local::new(&|_: &str| None);
    let [ended, failed] = lines(&adapter);
    assert_eq!(ended, "GET /a\"\\n → 200 settle 12.5 ms id-7\n");
    assert!(failed.starts_with("ERROR omnifn: SoldOut provider=local function=settle"), "{failed}");
    let [ended, failed] = lines(&adapter.with_colours(true));
    assert!(ended.starts_with("\x1b[32mGET") && ended.ends_with("\x1b[0m\n"), "{ended:?}");
    assert!(failed.starts_with("\x1b[31mERROR"), "{failed:?}");
}
