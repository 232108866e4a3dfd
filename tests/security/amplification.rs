//! No delivery, whatever it contains, takes much more memory than its size, or fills the log.
//!
//! Each provider's deliveries are answered in a process of their own, because a process has one log. It writes a line between two of them,
//! by which the test measures how much log each has caused, in the provider's own format.

mod hostile;

use std::{
    io::Write as _,
    process::{Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use allocation_counter::{AllocationInfo, measure};
use http::Request;
use omnifn::{event::Batch, prelude::*};
use omnifn_aws::Aws;
use omnifn_azure::Azure;
use omnifn_core::{Adapter, Delivery, Env, Payload, Peer, Reply};
use omnifn_gcp::Gcp;
use omnifn_local::Local;
use omnifn_runtime::{dispatch::Dispatch, log};

use hostile::{Case, Random};

/// The largest delivery.
const LARGEST: usize = 6 * 1024 * 1024;

/// How much memory a delivery may take in addition to four times its size: that of any invocation.
const FIXED: u64 = 2 * 1024 * 1024;

/// How much memory a record may take in addition if a function takes all of them together: each is decoded, or has an error.
const TOGETHER: u64 = 1024;

/// How much log a delivery may cause.
const LOG: usize = 64 * 1024;

#[function(queue = "orders")]
async fn queued(_: Message<Bytes>) {}

#[function(topic = "orders")]
async fn published(_: Message<Bytes>) {}

#[function(stream = "orders")]
async fn streamed(_: Message<Bytes>) {}

#[function(stream = "orders", service = "iot")]
async fn of_devices(_: Message<Bytes>) {}

/// Takes the records of a delivery together.
#[function(queue = "orders")]
async fn queued_together(batch: Batch<Message<Bytes>>) -> Vec<Result<()>> {
    batch.iter().map(|_| Ok(())).collect()
}

#[function(stream = "orders")]
async fn streamed_together(batch: Batch<Message<Bytes>>) -> Vec<Result<()>> {
    batch.iter().map(|_| Ok(())).collect()
}

#[function(storage = "uploads", on(created, deleted, archived, updated))]
async fn stored(_: Object) {}

#[function(schedule = "0 3 * * *")]
async fn scheduled(_: Tick) {}

#[function(event = "order.placed")]
async fn happened(_: CloudEvent<Bytes>) {}

#[function(changes = "orders")]
async fn changed(_: Change<Bytes>) {}

#[function(any = "/{*path}")]
async fn requested(_: Request<Body>) -> Result<&'static str> {
    Err(Error::status(404, "there is nothing"))
}

#[function(invoke)]
async fn invoked(_: Bytes) -> Json<u32> {
    Json(7)
}

fn app() -> App {
    omnifn::app!(
        queued,
        queued_together,
        published,
        streamed,
        streamed_together,
        of_devices,
        stored,
        scheduled,
        happened,
        changed,
        requested,
        invoked
    )
}

/// Answers the deliveries of a provider, and writes what each took between the lines of the log.
fn answer<A: Adapter>(provider: &str, new: impl Fn() -> A + Sync, cases: fn(&mut Random, usize, &mut dyn FnMut(Case))) {
    log::install(new().log_format(), &|_: &str| None);
    let all = std::env::var_os("OMNIFN_TEST_ALL").is_some();
    let (mut random, mut chosen) = (Random::default(), Random::default());
    // The largest take minutes in a program that is not optimized.
    for size in [16 * 1024, 300 * 1024, if all { LARGEST } else { LARGEST / 4 }] {
        cases(&mut random, size, &mut |case| {
            // Of the larger ones, a part is enough: what grows is seen at the other sizes, too.
            if all || chosen.below(size / (48 * 1024) + 1) == 0 {
                if let Some(together) = together(provider, &case) {
                    answer_one(provider, &new, together);
                }
                answer_one(provider, &new, case);
            }
        });
    }
}

/// The same delivery for a function that takes its records together. On AWS alone: elsewhere, the path names the function.
fn together(provider: &str, case: &Case) -> Option<Case> {
    let function = match case.function {
        "queued" => "queued_together",
        "streamed" => "streamed_together",
        _ => return None,
    };
    let body = case.request.body().whole().filter(|_| provider.starts_with("aws"))?.clone();
    let mut request = Request::new(Payload::Whole(body));
    *request.headers_mut() = case.request.headers().clone();
    (*request.method_mut(), *request.uri_mut()) = (case.request.method().clone(), case.request.uri().clone());
    *request.extensions_mut() = case.request.extensions().clone();
    Some(Case { name: format!("{}/together", case.name), function, request, decompressed: case.decompressed })
}

fn answer_one<A: Adapter>(provider: &str, new: &(impl Fn() -> A + Sync), case: Case) {
    let Case { name, function, mut request, decompressed } = case;
    request.extensions_mut().insert(Peer(([127, 0, 0, 1], 50_000).into()));
    let size = request.body().whole().map_or(0, Bytes::len) + head_size(&request) + decompressed;
    // What is freed must not make up for what is taken.
    let _kept = (request.body().whole().cloned(), request.headers().clone());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let router = runtime.block_on(app().only(function).start(&Env::of::<String, String>([]))).expect("the app starts");
    let dispatch = Dispatch::new(new(), router).with_access_log();
    let mut status = 0;
    let AllocationInfo { bytes_max, .. } = measure(|| {
        let response = runtime.block_on(dispatch.answer(request));
        status = response.status().as_u16();
    });
    // All lines are on one of these.
    let line = format!("\n#case {provider} {name} {size} {bytes_max} {status}\n");
    std::io::stdout().write_all(line.as_bytes()).expect("the output is open");
    std::io::stderr().write_all(line.as_bytes()).expect("the output is open");
}

fn head_size<B>(request: &Request<B>) -> usize {
    let headers: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    headers + request.uri().to_string().len()
}

/// The other side of the tests below.
#[test]
fn of_one_provider() {
    let Ok(provider) = std::env::var("OMNIFN_TEST_AMPLIFICATION") else { return };
    let private = |name: &str| (name == "OMNIFN_PRIVATE").then(|| "true".to_owned());
    match &*provider {
        "aws" => answer("aws", || Aws::new(&|_: &str| None), hostile::aws),
        "aws-json" => {
            let json = |name: &str| (name == "AWS_LAMBDA_LOG_FORMAT").then(|| "JSON".to_owned());
            answer("aws-json", || Aws::new(&json), hostile::aws);
        }
        "gcp" => answer("gcp", || Gcp::new(&private), hostile::gcp),
        "azure" => {
            let data = |name: &str| match name {
                "OMNIFN_AZURE_HTTP" => Some("data".to_owned()),
                name => private(name),
            };
            answer("azure", || Azure::new(&data), hostile::azure);
        }
        "local" => answer("local", || Local::new(&private), hostile::local),
        other => panic!("there is no provider {other}"),
    }
}

/// Runs the deliveries of a provider in a process, and checks what each took.
fn check(provider: &str) {
    let mut command = Command::new(std::env::current_exe().expect("the test"));
    command.args(["--exact", "amplification::of_one_provider", "--nocapture", "--test-threads=1"]);
    command.env("OMNIFN_TEST_AMPLIFICATION", provider).env_remove("RUST_BACKTRACE").env_remove("RUST_LOG");
    let output = command.stdin(Stdio::null()).output().expect("the test runs");
    let outputs = [output.stdout, output.stderr].map(|output| String::from_utf8(output).expect("a log is text"));
    let (mut logged, mut wrong) = ([0; 2], Vec::new());
    let mut cases: [Vec<Vec<String>>; 2] = Default::default();
    for (output, (logged, cases)) in outputs.iter().zip(logged.iter_mut().zip(&mut cases)) {
        for line in output.lines() {
            match line.strip_prefix("#case ") {
                Some(case) => {
                    let mut case: Vec<_> = case.split(' ').map(str::to_owned).collect();
                    case.push(std::mem::take(logged).to_string());
                    cases.push(case);
                }
                None => *logged += line.len() + 1,
            }
        }
    }
    let [stdout, stderr] = cases;
    assert!(output.status.success() && stdout.len() >= 30, "{provider}: {}\n{}", stdout.len(), cut(&outputs));
    for (stdout, stderr) in stdout.iter().zip(&stderr) {
        let number = |text: &String| text.parse::<u64>().expect("a number");
        let (size, memory) = (number(&stdout[2]), number(&stdout[3]));
        // The harness writes a few lines to the standard output.
        let logged = number(stdout.last().expect("the log")) + number(stderr.last().expect("the log"));
        if std::env::var_os("OMNIFN_TEST_SHOW").is_some() {
            eprintln!(
                "{:12} {:40} {size:>8} bytes: {memory:>9} of memory, {logged:>6} of log, {}",
                stdout[0], stdout[1], stdout[4]
            );
        }
        let records = match (stdout[1].ends_with("/together"), stdout[1].contains("/logs/")) {
            (false, _) => 0,
            (true, false) => Delivery::RECORDS as u64,
            (true, true) => hostile::LOG_EVENTS as u64,
        };
        let fixed = FIXED + records * TOGETHER;
        if memory > 4 * size + fixed || logged > LOG as u64 {
            wrong.push(format!("{}: {size} bytes took {memory} bytes of memory and wrote {logged} of log", stdout[1]));
        }
    }
    assert!(wrong.is_empty(), "{provider}:\n{}", wrong.join("\n"));
}

fn cut(outputs: &[String; 2]) -> String {
    outputs
        .iter()
        .map(|output| output.chars().rev().take(2000).collect::<Vec<_>>().into_iter().rev().collect::<String>())
        .collect()
}

#[test]
fn of_aws() {
    check("aws");
}

#[test]
fn of_aws_with_a_log_in_json() {
    check("aws-json");
}

#[test]
fn of_google_cloud() {
    check("gcp");
}

#[test]
fn of_azure() {
    check("azure");
}

#[test]
fn of_the_local_server() {
    check("local");
}

/// How often `counted` has run, which takes whole batches or single records.
#[derive(Clone, Default)]
struct Runs(Arc<AtomicUsize>);

#[function(event = "order.placed")]
async fn counted(_: CloudEvent<Bytes>, State(runs): State<Runs>) {
    runs.0.fetch_add(1, Ordering::Relaxed);
}

#[function(queue = "orders")]
async fn in_batches(batch: Batch<Message<Bytes>>, State(runs): State<Runs>) {
    runs.0.fetch_add(batch.len(), Ordering::Relaxed);
}

#[function(storage = "uploads", on(created))]
async fn indexed(_: Object, State(runs): State<Runs>) -> Result<()> {
    runs.0.fetch_add(1, Ordering::Relaxed);
    Ok(())
}

async fn dispatch<A: Adapter>(adapter: A, function: &str, runs: &Runs) -> Dispatch<A> {
    let app = omnifn::app!(counted, in_batches, indexed).state(runs.clone()).only(function);
    Dispatch::new(adapter, app.start(&Env::of::<String, String>([])).await.expect("the app starts"))
}

fn batch(count: usize) -> Request<Payload> {
    let event = r#"{"specversion": "1.0", "id": "7", "source": "/shop", "type": "order.placed"}"#;
    let request = Request::post("/_omnifn/counted").header("content-type", "application/cloudevents-batch+json");
    request.body(Payload::from(Bytes::from(format!("[{}]", vec![event; count].join(","))))).expect("a request")
}

/// The largest batch runs whole, and a larger one not at all: it is never acknowledged.
#[tokio::test]
async fn a_batch_beyond_the_limit_is_refused() {
    let private = |name: &str| (name == "OMNIFN_PRIVATE").then(|| "true".to_owned());
    for (count, status, done) in [(10_000, 204, 10_000), (10_001, 413, 0)] {
        let runs = Runs::default();
        let gcp = dispatch(Gcp::new(&private), "counted", &runs).await;
        assert_eq!(gcp.answer(batch(count)).await.status(), status);
        assert_eq!(runs.0.load(Ordering::Relaxed), done);
    }
}

fn sqs(bodies: impl IntoIterator<Item = String>) -> Request<Payload> {
    let record = |(id, body): (usize, String)| {
        serde_json::json!({"messageId": id.to_string(), "body": body, "eventSource": "aws:sqs",
            "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:orders"})
    };
    let records: Vec<_> = bodies.into_iter().enumerate().map(record).collect();
    Request::new(Payload::from(Bytes::from(serde_json::json!({"Records": records}).to_string())))
}

fn s3(count: usize) -> String {
    let record = r#"{"eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {"bucket": {"name": "uploads"}, "object": {"key": "a"}}}"#;
    format!(r#"{{"Records": [{}]}}"#, vec![record; count].join(","))
}

/// A message with too many records is reported as failed, so that its queue can move it to the dead-letter queue. The others are done.
#[tokio::test]
async fn a_message_beyond_the_limit_fails_alone() {
    let runs = Runs::default();
    let aws = dispatch(Aws::new(&|_: &str| None), "indexed", &runs).await;
    let reply = aws.answer(sqs([s3(1), s3(2001), s3(2000)])).await;
    assert_eq!(reply.body().whole().expect("a reply"), r#"{"batchItemFailures":[{"itemIdentifier":"1"}]}"#);
    assert_eq!(runs.0.load(Ordering::Relaxed), 2001);
    // More than 20,000 records in all: the messages beyond are delivered again.
    let runs = Runs::default();
    let aws = dispatch(Aws::new(&|_: &str| None), "indexed", &runs).await;
    let reply = aws.answer(sqs((0..12).map(|_| s3(2000)))).await;
    let failed = r#"{"batchItemFailures":[{"itemIdentifier":"10"},{"itemIdentifier":"11"}]}"#;
    assert_eq!(reply.body().whole().expect("a reply"), failed);
    assert_eq!(runs.0.load(Ordering::Relaxed), 20_000);
}

/// A function with a `Batch` gets all records at once, however many parts they are decoded in.
#[tokio::test]
async fn a_batch_is_whole() {
    let runs = Runs::default();
    let aws = dispatch(Aws::new(&|_: &str| None), "in_batches", &runs).await;
    let reply = aws.answer(sqs((0..10_000).map(|n| n.to_string()))).await;
    assert_eq!(reply.body().whole().expect("a reply"), r#"{"batchItemFailures":[]}"#);
    assert_eq!(runs.0.load(Ordering::Relaxed), 10_000);
}

/// A problem document does not repeat all that a client has sent.
#[tokio::test]
async fn a_problem_document_is_short() {
    let problem = Reply::Http(Error::status(400, "x".repeat(1 << 20)).into_response().map(Payload::from)).into_http();
    let length = problem.into_body().collect(usize::MAX).await.expect("a body").len();
    assert!((8 << 10..10 << 10).contains(&length), "{length}");
}
