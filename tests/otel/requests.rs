use crate::{
    attributes::{has_failed, hex, place, said, text},
    client::Client,
    collector::Collector,
    ports, program_with, server,
};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "b7ad6b7169203331";

fn ask(port: u16, path: &str, headers: &str) -> String {
    let mut client = Client::connect(port);
    client.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"));
    client.read_all()
}

fn traceparent(flags: &str) -> String {
    format!("traceparent: 00-{TRACE}-{PARENT}-{flags}\r\nx-secret: 4711\r\n")
}

#[test]
fn a_request_is_a_child_of_its_client_and_the_parent_of_what_the_function_does() {
    let collector = Collector::start();
    let (_process, port) = server(&collector, &[("OTEL_EXPORTER_OTLP_HEADERS", "api-key=abc")]);
    let reply = ask(port, "/greet/Ada?secret=4711", &traceparent("01"));
    let span = collector.span("GET /greet/{name}");
    assert_eq!(place(&span), (TRACE.to_owned(), PARENT.to_owned()));
    // What the function sees as its trace is the span that it is in.
    let own = hex(&span.span_id);
    assert!(reply.ends_with(&format!("Hello, Ada, in 00-{TRACE}-{own}-01!")), "{reply}");
    let child = collector.span("of the function's own");
    assert_eq!(place(&child), (TRACE.to_owned(), own));

    let expected = [
        ("faas.trigger", "http"),
        ("faas.coldstart", "true"),
        ("http.request.method", "GET"),
        ("http.route", "/greet/{name}"),
        ("http.response.status_code", "200"),
        ("url.path", "/greet/Ada"),
        ("omnifn.function", "hello"),
        ("error.type", ""),
    ];
    for (key, value) in expected {
        assert_eq!(said(&span, key), value, "{key}");
    }
    assert!(!said(&span, "faas.invocation_id").is_empty());
    assert_eq!(span.kind().as_str_name(), "SPAN_KIND_SERVER");
    assert!(!has_failed(&span));
    assert!(!format!("{:?}", collector.spans()).contains("4711"), "a query or a header is in a span");
    assert!(collector.headers().iter().all(|headers| headers["api-key"] == "abc"));

    collector.wait("the counts", || (collector.count("own.greetings", &[]) == 1).then_some(()));
    let about = [("faas.trigger", "http"), ("omnifn.function", "hello")];
    for (name, count) in [("faas.invocations", 1), ("faas.coldstarts", 1), ("faas.invoke_duration", 1)] {
        assert_eq!(collector.count(name, &about), count, "{name}");
    }
    assert_eq!(collector.count("faas.errors", &[]), 0);
}

#[test]
fn an_unsampled_trace_is_not_recorded() {
    let collector = Collector::start();
    let (_process, port) = server(&collector, &[]);
    let reply = ask(port, "/hello/nobody", &traceparent("00"));
    assert!(reply.contains(&format!("in 00-{TRACE}-")) && reply.ends_with("-00!"), "{reply}");
    ask(port, "/hello/somebody", "");
    let span = collector.span("GET /hello/{name}");
    assert_eq!(said(&span, "url.path"), "/hello/somebody");
    assert_eq!(place(&span).1, "", "a root");
    assert_eq!(collector.spans().iter().filter(|span| span.name == "GET /hello/{name}").count(), 1);
}

#[test]
fn failures_say_so() {
    let collector = Collector::start();
    let (_process, port) = server(&collector, &[("OMNIFN_TIMEOUT", "0.6")]);
    for (path, status, kind) in
        [("/fail", "500", "FunctionError"), ("/panic", "500", "Panicked"), ("/slow", "504", "Timeout")]
    {
        ask(port, path, "");
        let span = collector.span(&format!("GET {path}"));
        assert_eq!((said(&span, "http.response.status_code").as_str(), has_failed(&span)), (status, true), "{path}");
        assert_eq!(said(&span, "error.type"), kind, "{path}");
    }
    // A request that no function takes has no route, and is not a failure of the program.
    ask(port, "/4711", "");
    let span = collector.span("GET");
    assert_eq!((said(&span, "http.response.status_code").as_str(), has_failed(&span)), ("404", false));
    collector.wait("the counts", || (collector.count("faas.invoke_duration", &[]) == 4).then_some(()));
    assert_eq!(collector.count("faas.errors", &[]), 2);
    assert_eq!(collector.count("faas.timeouts", &[("omnifn.function", "slow")]), 1);
    assert_eq!(collector.count("faas.invocations", &[]), 1);
    assert!(!format!("{:?}", collector.spans()).contains("the secret"), "the words of an error are in a span");
}

#[test]
fn a_request_takes_little_memory() {
    let collector = Collector::start();
    let (_process, port) = server(&collector, &[]);
    let path = format!("/hello/{}", "x".repeat(30_000));
    let reply = ask(port, &path, "");
    assert!(reply.starts_with("HTTP/1.1 200"), "{reply}");
    assert_eq!(said(&collector.span("GET /hello/{name}"), "url.path"), path[..1024]);
}

#[test]
fn a_body_in_pieces_belongs_to_its_request() {
    let collector = Collector::start();
    let (_process, port) = server(&collector, &[]);
    ask(port, "/stream", "");
    let span = collector.span("GET /stream");
    let child = collector.span("of the body");
    assert_eq!(hex(&child.parent_span_id), hex(&span.span_id));
    let took = span.end_time_unix_nano - span.start_time_unix_nano;
    assert!(took >= 150_000_000, "the span ends with the body: {took} ns");
    assert!(!has_failed(&span), "{span:?}");
}

#[test]
fn a_disconnected_client_is_a_failure() {
    let collector = Collector::start();
    let (_process, port) = server(&collector, &[]);
    let mut client = Client::connect(port);
    client.send("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
    std::thread::sleep(std::time::Duration::from_millis(300));
    drop(client);
    let span = collector.span("GET");
    assert_eq!((said(&span, "error.type").as_str(), has_failed(&span)), ("Cancelled", true));
}

#[test]
fn spans_of_the_crate_tracing_are_children() {
    let collector = Collector::start();
    let (_process, port) = server(&collector, &[]);
    ask(port, "/traced", &traceparent("01"));
    let [span, outer, inner] = ["GET /traced", "outer", "inner"].map(|name| collector.span(name));
    assert_eq!(place(&outer), (TRACE.to_owned(), hex(&span.span_id)));
    assert_eq!(place(&inner), (TRACE.to_owned(), hex(&outer.span_id)));
    assert_eq!(said(&outer, "number"), "7");
    assert_eq!(collector.spans().len(), 3, "{:?}", collector.spans());
}

#[test]
fn the_resource_describes_the_program() {
    let collector = Collector::start();
    let more = [("OMNIFN_PROVIDER", "gcp"), ("K_SERVICE", "shop"), ("K_REVISION", "shop-3"), ("HOST", "127.0.0.1")];
    let more = [
        &more[..],
        &[
            ("GOOGLE_CLOUD_PROJECT", "p"),
            ("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test,faas.version=4"),
        ],
    ]
    .concat();
    let (process, port) = server(&collector, &more);
    // Google's own form of a trace.
    ask(port, "/hello/Ada", &format!("x-cloud-trace-context: {TRACE}/255;o=1\r\n"));
    let span = collector.span("GET /hello/{name}");
    assert_eq!(place(&span), (TRACE.to_owned(), "00000000000000ff".to_owned()));
    // The line of the invocation leads to its span.
    let line = process.wait_for("/hello/Ada");
    assert!(line.contains(&hex(&span.span_id)) && line.contains(TRACE), "{line}");
    let resource = collector.resource();
    let expected = [
        ("service.name", "shop"),
        ("faas.name", "shop"),
        ("faas.version", "4"),
        ("deployment.environment.name", "test"),
        ("telemetry.sdk.language", "rust"),
    ];
    for (key, value) in expected {
        assert_eq!(text(&resource.attributes, key).as_deref(), Some(value), "{key}");
    }
}

#[test]
fn pending_telemetry_is_exported_at_the_end() {
    let collector = Collector::start();
    let never = [("OTEL_BSP_SCHEDULE_DELAY", "3600000"), ("OTEL_METRIC_EXPORT_INTERVAL", "3600000")];
    let (process, port) = server(&collector, &[&never[..], &[("OTEL_SERVICE_NAME", "last")]].concat());
    ask(port, "/hello/Ada", "");
    assert!(collector.asked().is_empty());
    process.signal("TERM");
    assert_eq!(process.wait(), (Some(0), Vec::new()));
    // It is here already.
    let names: Vec<_> = collector.spans().into_iter().map(|span| span.name).collect();
    assert_eq!(names, ["of the function's own", "GET /hello/{name}"]);
    assert_eq!(collector.count("faas.invocations", &[]), 1);
    assert_eq!(text(&collector.resource().attributes, "service.name").as_deref(), Some("last"));
}

#[test]
fn nothing_is_exported_without_an_endpoint() {
    let collector = Collector::start();
    for (variable, value) in [("OTEL_EXPORTER_OTLP_ENDPOINT", ""), ("OTEL_SDK_DISABLED", "true")] {
        let (process, port) = server(&collector, &[("OTEL_SERVICE_NAME", "quiet"), (variable, value)]);
        let reply = ask(port, "/hello/Ada", &traceparent("01"));
        // The trace is the client's.
        assert!(reply.ends_with(&format!("in 00-{TRACE}-{PARENT}-01!")), "{reply}");
        process.signal("TERM");
        assert_eq!(process.wait(), (Some(0), Vec::new()));
    }
    assert!(collector.asked().is_empty());
}

#[test]
fn a_provider_of_the_programs_own_is_left_alone() {
    let collector = Collector::start();
    let (process, port) = server(&collector, &[("OMNIFN_TEST_OWN", "1")]);
    ask(port, "/hello/Ada", "");
    process.wait_for("own: GET /hello/{name}");
    process.signal("TERM");
    let own = process.lines().into_iter().filter(|line| line.starts_with("own: ")).collect::<Vec<_>>();
    assert_eq!(own, ["own: of the function's own", "own: GET /hello/{name}"]);
    assert!(collector.asked().is_empty());
}

#[test]
fn an_unusable_endpoint_is_logged_once_at_the_start() {
    let tls = "https://collector.example";
    for (variable, value, words) in [
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", tls, "TRACES_ENDPOINT: https needs the feature `otel-tls`"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", tls, "http://localhost:4318"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://user:hunter2@collector.example", "OTEL_EXPORTER_OTLP_HEADERS"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://hunter2…", "expected a URL"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "http/protobuf"),
    ] {
        if cfg!(feature = "otel-tls") && value == tls {
            continue;
        }
        let port = ports::free_port().to_string();
        let here = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9");
        let here = (!variable.ends_with("ENDPOINT")).then_some(here);
        let environment = [("OMNIFN_PROVIDER", "local"), ("PORT", &*port), (variable, value)];
        let process = program_with(&environment.into_iter().chain(here).collect::<Vec<_>>());
        // The banner comes behind it.
        process.wait_for("/hello/{name}");
        process.signal("TERM");
        let log = process.log().join("\n");
        let (code, complaints) = process.wait();
        assert_eq!((code, complaints.len()), (Some(0), 1), "{variable}: {complaints:?}");
        assert!(complaints[0].contains(words), "{complaints:?}");
        assert!(!variable.ends_with("ENDPOINT") || complaints[0].contains(variable), "{complaints:?}");
        assert!(!log.contains("hunter2"), "{log}");
    }
}
