//! Traces and metrics of the program as it is built, as a collector gets them: whose children spans are, what they say, and when.
#![cfg(unix)]

#[path = "otel/attributes.rs"]
mod attributes;
#[path = "support/client.rs"]
#[allow(dead_code, reason = "the server's own suite uses the rest")]
mod client;
#[path = "otel/collector.rs"]
mod collector;
#[path = "otel/events.rs"]
mod events;
#[path = "otel/outages.rs"]
mod outages;
#[path = "support/ports.rs"]
mod ports;
#[path = "support/process.rs"]
#[allow(dead_code, reason = "the suites of the runtime use the rest")]
mod process;
#[path = "otel/requests.rs"]
mod requests;

use std::{net::TcpStream, process::ExitCode, thread, time::Duration};

use futures_util::stream;
use omnifn::prelude::*;
use opentelemetry::{
    global,
    trace::{Span as _, Tracer as _},
};
use opentelemetry_sdk::{
    error::OTelSdkResult,
    trace::{SdkTracerProvider, Span, SpanData, SpanProcessor},
};

use collector::Collector;
use process::Process;

#[function(get = "/hello/{name}", get = "/greet/{name}")]
async fn hello(Path(name): Path<String>, ctx: Context) -> String {
    global::tracer("own").start("of the function's own").end();
    global::meter("own").u64_counter("own.greetings").build().add(1, &[]);
    let trace = ctx.trace().map(ToString::to_string).unwrap_or_default();
    format!("Hello, {name}, in {trace}!")
}

#[function(get = "/fail")]
async fn fail() -> Result<()> {
    Err(Error::retry("on purpose: the secret is 4711"))
}

#[function(get = "/panic")]
async fn panic() {
    panic!("on purpose");
}

#[function(get = "/slow")]
async fn slow() {
    tokio::time::sleep(Duration::from_secs(3600)).await;
}

/// A body in pieces, between which time passes.
#[function(get = "/stream")]
async fn pieces() -> Body {
    Body::from_stream(stream::unfold(0, |n| async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if n == 2 {
            global::tracer("own").start("of the body").end();
        }
        (n < 3).then(|| (Ok::<_, std::io::Error>("piece "), n + 1))
    }))
}

#[function(get = "/traced")]
async fn traced() -> &'static str {
    let inner = async { tracing::info_span!("inner").in_scope(|| "traced") };
    tracing::Instrument::instrument(inner, tracing::info_span!("outer", number = 7)).await
}

#[function(queue = "orders", concurrency = 1)]
async fn settle(order: Message<String>) -> Result<()> {
    global::tracer("own").start(format!("charge {}", order.body)).end();
    if order.body == "bad" { Err(Error::reject("no product")) } else { Ok(()) }
}

#[function(storage = "uploads")]
async fn thumbnail(_object: Object) {}

#[function(schedule = "0 3 * * *")]
async fn nightly(_tick: Tick) {}

/// The program.
#[test]
#[ignore = "no test: the program, which the tests start"]
fn program() {
    if std::env::var_os("OMNIFN_TEST_OTEL").is_none() {
        return;
    }
    if std::env::var_os("OMNIFN_TEST_OWN").is_some() {
        let own = SdkTracerProvider::builder().with_span_processor(Own).build();
        global::set_tracer_provider(own);
    }
    let app = omnifn::app!(hello, fail, panic, slow, pieces, traced, settle, thumbnail, nightly);
    std::process::exit(i32::from(omnifn::run(app) != ExitCode::SUCCESS));
}

/// What a program has that exports by itself.
#[derive(Debug)]
struct Own;

impl SpanProcessor for Own {
    fn on_start(&self, _: &mut Span, _: &opentelemetry::Context) {}

    fn on_end(&self, span: SpanData) {
        eprintln!("own: {}", span.name);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn program_with(more: &[(&'static str, &str)]) -> Process {
    let mut environment = vec![("OMNIFN_TEST_OTEL", "1".to_owned())];
    environment.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    Process::start("program", environment)
}

/// The program as a server, whose collector is this one.
fn server(collector: &Collector, more: &[(&'static str, &str)]) -> (Process, u16) {
    let port = ports::free_port();
    let (text, endpoint) = (port.to_string(), collector.endpoint());
    let mut environment = vec![
        ("OMNIFN_PROVIDER", "local"),
        ("PORT", &text),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
        ("OTEL_BSP_SCHEDULE_DELAY", "50"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "50"),
    ];
    environment.extend_from_slice(more);
    let mut process = program_with(&environment);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        process.assert_alive("before it listens");
        thread::sleep(Duration::from_millis(5));
    }
    (process, port)
}

/// The program on Lambda, whose collector and Runtime API are this one.
fn lambda(collector: &Collector, more: &[(&'static str, &str)]) -> Process {
    let (api, endpoint) = (collector.runtime_api(), collector.endpoint());
    let mut environment = vec![
        ("OMNIFN_PROVIDER", "aws"),
        ("AWS_LAMBDA_RUNTIME_API", api.as_str()),
        ("AWS_LAMBDA_FUNCTION_NAME", "shop"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "7"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/25/[7]0815"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
    ];
    // The input of a schedule is any JSON, so its function is alone in a Lambda function.
    if more.iter().all(|(name, _)| *name != "OMNIFN_FUNCTION") {
        environment.push(("OMNIFN_FUNCTION", "hello, fail, panic, slow, pieces, traced, settle, thumbnail"));
    }
    environment.extend_from_slice(more);
    program_with(&environment)
}
