//! The log of the program as it is built: what a function logs with the crate `tracing`, and what omnifn logs itself, each line with its
//! invocation, in the provider's format.
#![cfg(unix)]

#[path = "support/client.rs"]
#[allow(dead_code, reason = "the server's own suite uses the rest")]
mod client;
#[path = "support/ports.rs"]
mod ports;
#[path = "support/process.rs"]
#[allow(dead_code, reason = "the suites of the runtime use the rest")]
mod process;

use std::process::ExitCode;

use omnifn::prelude::*;
use process::Process;
use serde_json::Value;
use tracing::Instrument as _;

#[function(get = "/talk/{word}")]
async fn talk(Path(word): Path<String>) -> &'static str {
    tracing::info!(count = 7, ratio = 0.5, open = true, "said {word}");
    tracing::debug!("the details of {word}");
    let order = tracing::info_span!("order", id = 4711, state = tracing::field::Empty);
    async {
        order.record("state", "paid");
        tracing::warn!(id = 4712, "two\nlines of {word}");
    }
    .instrument(order.clone())
    .await;
    let spawned = async { tracing::error!("from a task") }.in_current_span();
    tokio::spawn(spawned).await.expect("no panic");
    if word == "panic" { panic!("on purpose") } else { "done" }
}

/// Panics, somewhere.
#[function(get = "/fail/{place}")]
async fn fail(Path(place): Path<String>) -> &'static str {
    let is_caught = match place.as_str() {
        "task" => tokio::spawn(async { panic!("boom in a task") }.in_current_span()).await.is_err(),
        "thread" => std::thread::Builder::new()
            .name("side".to_owned())
            .spawn(|| panic!("boom in a thread"))
            .unwrap()
            .join()
            .is_err(),
        "closure" => std::panic::catch_unwind(|| panic!("boom in a closure")).is_err(),
        _ => panic!("boom in a function"),
    };
    assert!(is_caught);
    "went on"
}

/// Logs nothing.
#[function(get = "/quiet/{_number}")]
async fn quiet() -> &'static str {
    "quiet"
}

/// Never answers.
#[function(get = "/never/{how}")]
async fn never(Path(how): Path<String>) {
    tracing::info!("started: {how}");
    if how == "exit" {
        tracing::warn!("the end is near");
        std::process::exit(3);
    }
    std::future::pending().await
}

/// More than a reply carries.
#[function(get = "/much")]
async fn much() -> &'static str {
    let text = "x".repeat(1000);
    (0..400).for_each(|number| tracing::info!(number, "{text}"));
    "done"
}

/// The content determines the outcome.
#[function(queue = "orders")]
async fn take(order: Message<String>) -> Result<()> {
    tracing::info!("took an order of {} letters", order.body.len());
    match &order.body {
        body if body.starts_with("good") => Ok(()),
        body if body.contains("old") || body.contains("b2xk") => Err(Error::discard("the order is too old")),
        _ => Err(Error::retry("no stock")),
    }
}

#[function(storage = "uploads", prefix = "pictures/")]
async fn shrink(_: Object) {}

#[derive(serde::Deserialize)]
struct Note {
    #[serde(rename = "title")]
    _title: u32,
}

#[function(post = "/note")]
async fn note(Json(_): Json<Note>) -> Result<()> {
    Err(Error::retry("no paper"))
}

/// Fails in one of several ways.
#[function(get = "/broken/{how}")]
async fn broken(Path(how): Path<String>) -> Result<http::StatusCode> {
    match how.as_str() {
        "status" => Ok(http::StatusCode::SERVICE_UNAVAILABLE),
        "missing" => Err(Error::status(404, "no such tea")),
        "panic" => panic!("the kettle exploded"),
        _ => Err(Error::msg("the kettle is broken")),
    }
}

/// Takes an extension that no layer adds.
#[function(get = "/extension")]
async fn extension(axum::Extension(number): axum::Extension<u64>) -> String {
    number.to_string()
}

/// An extractor whose rejection quotes the request.
struct Own;

impl<S: Sync> axum::extract::FromRequestParts<S> for Own {
    type Rejection = (http::StatusCode, String);

    async fn from_request_parts(head: &mut http::request::Parts, _: &S) -> Result<Self, Self::Rejection> {
        Err((http::StatusCode::BAD_GATEWAY, format!("cannot handle {}", head.uri)))
    }
}

/// Takes an argument that always fails.
#[function(get = "/own")]
async fn own(_: Own) {}

async fn connect() -> Result<&'static str> {
    tracing::info!("connecting");
    if std::env::var_os("OMNIFN_TEST_OWN").is_some_and(|when| when == "connect") {
        set_own_subscriber();
    }
    Ok("connected")
}

fn set_own_subscriber() {
    let own = tracing_subscriber::fmt().with_writer(std::io::stderr).json().finish();
    tracing::subscriber::set_global_default(own).expect("no other is set");
}

/// The program.
#[test]
#[ignore = "no test: the program, which the tests start"]
fn program() {
    if std::env::var_os("OMNIFN_TEST_LINES").is_none() {
        return;
    }
    if std::env::var_os("OMNIFN_TEST_OWN").is_some_and(|when| when == "main") {
        set_own_subscriber();
    }
    let code = omnifn::run(
        omnifn::app!(talk, fail, quiet, never, much, take, shrink, note, broken, extension, own; state = connect),
    );
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}

/// What the program writes while a function talks; each word is one invocation.
fn said(more: &[(&str, &str)], words: &[&str]) -> Vec<String> {
    let requests: Vec<_> = words.iter().map(|word| talk_request(word)).collect();
    running(more, &requests).0
}

fn talk_request(word: &str) -> String {
    let id = format!(
        "function-execution-id: {word}-7\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    );
    format!(
        "GET /talk/{word}?secret=hunter2 HTTP/1.1\r\nhost: x\r\n{id}\r\nauthorization: hunter2\r\nconnection: close\r\n\r\n"
    )
}

/// What the program writes until it has answered these requests, and the answers.
fn running(more: &[(&str, &str)], requests: &[String]) -> (Vec<String>, Vec<String>) {
    let (process, port) = start(more);
    let answer = |request: &String| {
        let mut client = client::Client::connect(port);
        client.send(request);
        client.read_all()
    };
    let answers = requests.iter().map(answer).collect();
    process.signal("TERM");
    (process.lines(), answers)
}

/// The program, and its port.
fn start(more: &[(&str, &str)]) -> (Process, u16) {
    let port = ports::free_port();
    let text = port.to_string();
    let port_variables = ["PORT", "FUNCTIONS_CUSTOMHANDLER_PORT"].map(|name| (name, text.as_str()));
    let environment = [("OMNIFN_TEST_LINES", "1")].into_iter().chain(port_variables);
    let all = environment.chain(more.iter().copied()).map(|(name, value)| (name, value.to_owned()));
    let mut process = Process::start("program", all);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        process.assert_alive("before it listens");
        assert!(std::time::Instant::now() < until, "nobody listens");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    (process, port)
}

fn post(path: &str, body: &str) -> String {
    let marks =
        "x-azure-functions-invocationid: 11111111-2222-3333-4444-555555555555\r\nx-azure-functions-hostversion: 4.1045";
    format!(
        "POST {path}?secret=hunter2 HTTP/1.1\r\nhost: x\r\n{marks}\r\nauthorization: hunter2\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn json(lines: &[String]) -> Vec<Value> {
    lines.iter().filter_map(|line| serde_json::from_str(line).ok()).collect()
}

fn find<'l>(lines: &'l [Value], message: &str) -> &'l Value {
    let is = |line: &&Value| line["message"].as_str().is_some_and(|text| text.contains(message));
    lines.iter().find(is).unwrap_or_else(|| panic!("no line says {message:?}: {lines:#?}"))
}

#[test]
fn each_line_has_its_invocation() {
    let lines = said(&[("OMNIFN_PROVIDER", "gcp"), ("GOOGLE_CLOUD_PROJECT", "p")], &["tea", "panic"]);
    assert!(!lines.iter().any(|line| line.contains("hunter2")), "{lines:#?}");
    let lines = json(&lines);
    let tea = find(&lines, "said tea");
    let labels = &tea["logging.googleapis.com/labels"];
    assert_eq!((&labels["function"], &labels["claimed_execution_id"]), (&"talk".into(), &"tea-7".into()), "{tea}");
    assert_eq!(tea["logging.googleapis.com/trace"], "projects/p/traces/0af7651916cd43dd8448eb211c80319c");
    assert_eq!(
        (&tea["severity"], &tea["count"], &tea["ratio"], &tea["open"]),
        (&"INFO".into(), &7.into(), &0.5.into(), &true.into())
    );
    assert_eq!(tea["logger"], "lines");
    // Inner fields take precedence over outer ones; a line stays one line.
    let two = find(&lines, "two\nlines of tea");
    assert_eq!((&two["id"], &two["state"], &two["severity"]), (&4712.into(), &"paid".into(), &"WARNING".into()));
    let task = find(&lines, "from a task");
    assert_eq!(task["logging.googleapis.com/labels"]["function"], "talk", "{task}");
    assert!(
        !lines.iter().any(|line| line["message"].as_str().is_some_and(|text| text.contains("details"))),
        "no debug"
    );
    assert_eq!(find(&lines, "connecting")["severity"], "INFO", "while it starts, too");
    assert_eq!(find(&lines, "GET → 200")["httpRequest"]["requestUrl"], "/talk/tea");
    let panic = find(&lines, "the function panicked: on purpose, at tests/lines.rs");
    assert_eq!(panic["logging.googleapis.com/labels"]["claimed_execution_id"], "panic-7");
}

#[test]
fn levels_select_the_lines() {
    let few = said(&[("OMNIFN_PROVIDER", "gcp"), ("OMNIFN_LOG", "error")], &["tea"]);
    let few = json(&few);
    assert_eq!(few.len(), 1, "{few:#?}");
    find(&few, "from a task");
    let many = said(&[("OMNIFN_PROVIDER", "local"), ("OMNIFN_LOG", "debug")], &["tea"]);
    assert!(
        many.iter().any(|line| line.starts_with("DEBUG lines: the details of tea provider=local function=talk")),
        "{many:#?}"
    );
}

#[test]
fn rust_log_sets_levels_by_target() {
    let logged = |omnifn: &str, rust: &str| {
        let lines = said(&[("OMNIFN_PROVIDER", "gcp"), ("OMNIFN_LOG", omnifn), ("RUST_LOG", rust)], &["tea"]);
        let has = |words: &str| lines.iter().any(|line| line.contains(words));
        (
            has("details of tea"),
            has("said tea"),
            has("\"requestUrl\":\"/talk/tea\""),
            has("from a task"),
            has("invalid directive"),
        )
    };
    assert_eq!(logged("", "warn,lines=debug"), (true, true, false, true, false));
    assert_eq!(logged("error", "lines=info"), (false, true, false, true, false), "a target is more specific");
    assert_eq!(logged("info", "off"), (false, true, true, true, false), "OMNIFN_LOG is for all others");
    assert_eq!(logged("", "lines=loud,omnifn=debug"), (false, true, true, true, true));
}

/// Wherever it happens, and whatever catches it.
#[test]
fn a_panic_is_one_line() {
    let places = ["function", "task", "thread", "closure"];
    let requests = places.map(|place| talk_request("tea").replace("/talk/tea", &format!("/fail/{place}")));
    for (provider, backtraces) in [("gcp", "1"), ("gcp", "0"), ("local", "1")] {
        let environment = [("OMNIFN_PROVIDER", provider), ("RUST_BACKTRACE", backtraces)];
        let (lines, answers) = running(&environment, &requests);
        assert!(answers[0].starts_with("HTTP/1.1 500"), "{}", answers[0]);
        assert!(answers[1..].iter().all(|answer| answer.starts_with("HTTP/1.1 200")), "{answers:#?}");
        for place in places {
            let of_place: Vec<_> = lines.iter().filter(|line| line.contains(&format!("boom in a {place}"))).collect();
            assert_eq!(of_place.len(), 1, "{place}: {lines:#?}");
            if provider == "local" {
                let is_whole =
                    of_place[0].starts_with("ERROR omnifn: Panicked ") && of_place[0].contains("backtrace=\"");
                assert!(is_whole, "{of_place:#?}");
                continue;
            }
            let line: Value = serde_json::from_str(of_place[0]).unwrap_or_else(|e| panic!("{e}: {of_place:#?}"));
            assert_eq!((&line["severity"], &line["error"]), (&"ERROR".into(), &"Panicked".into()));
            assert!(line["message"].as_str().is_some_and(|text| text.contains(", at tests/lines.rs:")), "{line}");
            assert_eq!(
                line["backtrace"].as_str().map(|text| text.contains("lines")),
                (backtraces == "1").then_some(true)
            );
            let function = &line["logging.googleapis.com/labels"]["function"];
            assert!(place == "thread" || function == "fail", "{line}");
        }
        let raw: Vec<_> =
            lines.iter().filter(|line| line.contains("panicked at") || line.contains("stack backtrace")).collect();
        assert!(raw.is_empty(), "{raw:#?}");
    }
}

/// A subscriber of the user's own gets all lines, those of omnifn among them.
#[test]
fn a_subscriber_of_ones_own_wins() {
    for when in ["main", "connect"] {
        let requests = [talk_request("panic"), talk_request("task").replace("/talk/", "/fail/")];
        let (lines, _) = running(&[("OMNIFN_PROVIDER", "gcp"), ("OMNIFN_TEST_OWN", when)], &requests);
        let lines = json(&lines);
        let message = |line: &Value| line["fields"]["message"].as_str().unwrap_or_default().to_owned();
        let line = |words: &str| {
            lines.iter().find(|line| message(line).contains(words)).unwrap_or_else(|| panic!("{words}: {lines:#?}"))
        };
        let id = line("said panic")["spans"][0]["invocation_id"].as_str().unwrap_or_default();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "omnifn's own: {id}");
        let failed = &line("the function panicked")["fields"];
        assert_eq!((&failed["error"], &failed["function"]), (&"Panicked".into(), &"talk".into()));
        assert_eq!(line("boom in a task")["fields"]["error"], "Panicked");
        let ended = &line("GET → 500")["fields"];
        assert_eq!((&ended["http.path"], &ended["http.status"]), (&"/talk/panic".into(), &500.into()));
        let formatted = |line: &&Value| !line["severity"].is_null();
        let of_omnifn: Vec<_> = lines.iter().filter(formatted).map(|line| &line["message"]).collect();
        // While it starts, ours is there unless the user's own is.
        assert_eq!(of_omnifn, if when == "main" { vec![] } else { vec!["connecting"] });
    }
}

const AZURE: [(&str, &str); 2] = [("OMNIFN_PROVIDER", "azure"), ("OMNIFN_AZURE_HTTP", "data")];

/// A request as the Functions host posts it for a function.
fn enveloped(function: &str, path: &str) -> String {
    let request = format!(
        r#"{{"Data":{{"req":{{"Url":"http://x{path}","Method":"GET","Query":{{}},"Headers":{{}},"Params":{{}}}}}},"Metadata":{{}}}}"#
    );
    post(&format!("/{function}"), &request)
}

/// The Functions host logs what the reply's `Logs` hold, each line with its invocation; it reads no reply of a failed delivery.
#[test]
fn a_reply_of_azure_carries_its_lines() {
    let event = |content: &str| format!(r#"{{"Data":{{"order":"{content}"}},"Metadata":{{"DequeueCount":"1"}}}}"#);
    let requests =
        [enveloped("talk", "/talk/tea"), post("/take", &event("good tea")), post("/take", &event("bad tea"))];
    let (lines, answers) = running(&AZURE, &requests);
    let envelope = |answer: &str| {
        let (_, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{answer}"));
        serde_json::from_str::<Value>(body).unwrap_or_else(|e| panic!("{e}: {answer}"))
    };
    let kept = |answer: &str| envelope(answer)["Logs"].as_array().expect("a list").clone();
    let talk = kept(&answers[0]);
    assert!(talk.len() == 1 && talk[0].as_str().is_some_and(|line| line.contains("GET /talk/tea → 200")), "{talk:#?}");
    let take = kept(&answers[1]);
    assert_eq!(take[0], "INFO lines: took an order of 8 letters", "{take:#?}");
    assert!(answers[2].starts_with("HTTP/1.1 500"), "{}", answers[2]);
    let written = |words: &str| lines.iter().filter(|line| line.contains(words)).count();
    // Each line in one place.
    assert_eq!((written("/talk/tea"), written("8 letters"), written("7 letters"), written("no stock")), (0, 0, 1, 1));
    // Errors and warnings are written at once, in their order, and the earlier lines before them.
    let order = ["said tea", r"two\nlines of tea", "from a task"].map(|words| {
        assert_eq!(written(words), 1, "{words}: {lines:#?}");
        lines.iter().position(|line| line.contains(words))
    });
    assert!(order.is_sorted(), "{lines:#?}");
    assert!(
        lines.iter().any(|line| line.contains("no stock") && line.contains("11111111-2222-3333-4444-555555555555"))
    );
}

/// The reason why a request was refused is in its line, without the values that were sent.
#[test]
fn a_refusal_has_its_reason_and_quotes_nothing() {
    for provider in ["gcp", "azure", "local"] {
        let environment = [("OMNIFN_PROVIDER", provider), ("OMNIFN_AZURE_HTTP", "proxying")];
        let requests = [post("/note", "["), post("/note", r#"{"title":"hunter2"}"#), post("/note?", "7")];
        let (lines, answers) = running(&environment, &requests);
        let statuses = ["400", "422", "422"];
        for (answer, status) in answers.iter().zip(statuses) {
            assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{answer}");
        }
        for reason in [
            "the body is not JSON: EOF while parsing a list at line 1 column 1",
            "the JSON body does not match the expected type: invalid type: string, expected u32 at line 1 column 18",
            "the JSON body does not match the expected type: invalid type: integer, expected struct Note at line 1 column 1",
        ] {
            let count = lines.iter().filter(|line| line.contains(reason) && line.contains("WARN")).count();
            assert_eq!(count, 1, "{provider}: {reason}: {lines:#?}");
        }
        assert!(!lines.iter().any(|line| line.contains("hunter2")), "{lines:#?}");
    }
}

/// The text of an error that a function returns for the caller is only logged on the developer's machine, because it may quote the request.
#[test]
fn the_text_of_a_4xx_is_logged_locally_alone() {
    for provider in ["gcp", "azure", "local"] {
        let environment = [("OMNIFN_PROVIDER", provider), ("OMNIFN_AZURE_HTTP", "proxying")];
        let (lines, answers) = running(&environment, &[talk_request("tea").replace("/talk/tea", "/broken/missing")]);
        assert!(answers[0].starts_with("HTTP/1.1 404") && answers[0].contains("no such tea"), "{}", answers[0]);
        let has = |words: &str| lines.iter().any(|line| line.contains(words));
        assert_eq!(has("no such tea"), provider == "local", "{lines:#?}");
        assert_eq!(
            has("the response is 404 Not Found; its body contains the reason"),
            provider != "local",
            "{lines:#?}"
        );
    }
}

/// Each response with a status of 500 or above has one line at the level ERROR with its cause, whatever produced it.
#[test]
fn every_server_error_is_logged_with_its_cause() {
    let causes = [
        ("/broken/status", "the function or one of its layers returned 503 Service Unavailable without an error"),
        ("/broken/error", "the kettle is broken"),
        ("/broken/panic", "the function panicked: the kettle exploded"),
        ("/extension", "Missing request extension: Extension of type `u64` was not found"),
        ("/own", "the argument `lines::Own` was rejected with 502 Bad Gateway"),
    ];
    let check = |provider: &str, lines: &[String]| {
        for (path, cause) in causes {
            let of_cause: Vec<_> = lines.iter().filter(|line| line.contains(cause)).collect();
            assert!(of_cause.len() == 1 && of_cause[0].contains("ERROR"), "{provider}, {path}: {lines:#?}");
        }
        let errors = lines.iter().filter(|line| line.contains("ERROR")).count();
        assert_eq!(errors, causes.len(), "{provider}: {lines:#?}");
        assert!(!lines.iter().any(|line| line.contains("hunter2")), "{lines:#?}");
    };
    for provider in ["gcp", "azure", "local"] {
        let environment = [("OMNIFN_PROVIDER", provider), ("OMNIFN_AZURE_HTTP", "proxying")];
        let requests = causes.map(|(path, _)| talk_request("tea").replace("/talk/tea", path));
        let (lines, answers) = running(&environment, &requests);
        assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 50")), "{answers:#?}");
        check(provider, &lines);
    }
    let (lines, replies) = invoked(&causes.map(|(path, _)| path));
    assert!(replies.iter().all(|reply| reply.contains("\"statusCode\":50")), "{replies:#?}");
    check("aws", &lines);
}

/// What the program writes as a Lambda function until it has answered requests for these paths, and the replies.
fn invoked(paths: &[&str]) -> (Vec<String>, Vec<String>) {
    let api = omnifn::testing::RuntimeApi::start().expect("a port");
    let address = api.address();
    let environment = [
        ("OMNIFN_TEST_LINES", "1"),
        ("OMNIFN_PROVIDER", "aws"),
        ("OMNIFN_FUNCTION", ""),
        ("AWS_LAMBDA_RUNTIME_API", &address),
        ("AWS_LAMBDA_FUNCTION_NAME", "lines"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ];
    let process = Process::start("program", environment.map(|(name, value)| (name, value.to_owned())));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let reply = |path: &&str| {
        let http = format!(r#"{{"method":"GET","path":"{path}","sourceIp":"203.0.113.7"}}"#);
        let event = format!(
            r#"{{"version":"2.0","rawPath":"{path}","rawQueryString":"secret=hunter2","headers":{{}},"isBase64Encoded":false,
                "requestContext":{{"http":{http},"stage":"$default"}}}}"#
        );
        let reply = runtime.block_on(api.invoke(event)).expect("a reply");
        String::from_utf8_lossy(&reply).into_owned()
    };
    let replies = paths.iter().map(reply).collect();
    process.signal("TERM");
    (process.lines(), replies)
}

/// A record that the trigger filters out is counted in the line of the delivery, has a line at the level DEBUG, and is reported to the sender.
#[test]
fn a_filtered_record_is_reported() {
    let requests = ["hunter2.jpg", "pictures/cat.jpg"].map(|key| post(&format!("/_omnifn/shrink?key={key}&id=7"), ""));
    let requests = requests.map(|request| request.replace("?secret=hunter2", ""));
    let (lines, answers) = running(&[("OMNIFN_PROVIDER", "local"), ("OMNIFN_LOG", "debug")], &requests);
    let outcomes = [r#"{"records":[{"outcome":"filtered"}]}"#, r#"{"records":[{"outcome":"done"}]}"#];
    for (answer, outcome) in answers.iter().zip(outcomes) {
        assert!(answer.starts_with("HTTP/1.1 200") && answer.contains(outcome), "{answer}");
    }
    let said: Vec<_> = lines.iter().filter(|line| line.contains("`prefix`")).collect();
    assert!(said.len() == 1 && said[0].starts_with("DEBUG omnifn: ") && said[0].contains("record=\"7\""), "{lines:#?}");
    assert!(!said[0].contains("hunter2"), "{said:?}");
    let delivered: Vec<_> = lines.iter().filter(|line| line.starts_with("storage \"uploads\" → ")).collect();
    assert!(delivered.len() == 2 && delivered[0].contains("→ 0 of 1 done, 1 filtered "), "{lines:#?}");
    assert!(delivered[1].contains("→ 1 of 1 done "), "{lines:#?}");
}

/// A record that the function discards has a warning with its reason, and is counted in the line of the delivery.
#[test]
fn a_discarded_record_is_reported() {
    for provider in ["gcp", "local"] {
        let environment = [("OMNIFN_PROVIDER", provider), ("OMNIFN_PRIVATE", "true")];
        let (lines, answers) = running(&environment, &[post("/_omnifn/take", &push("old tea"))]);
        assert!(answers[0].starts_with("HTTP/1.1 20"), "{}", answers[0]);
        let with = |words: &str| lines.iter().filter(|line| line.contains(words)).collect::<Vec<_>>();
        let discarded = with("too old");
        assert!(
            discarded.len() == 1 && discarded[0].contains("WARN") && discarded[0].contains("discard"),
            "{lines:#?}"
        );
        let words = if provider == "local" {
            r#"queue "orders" → 0 of 1 done, 1 discarded"#
        } else {
            "→ 0 of 1 done, 1 discarded"
        };
        assert_eq!(with(words).len(), 1, "{lines:#?}");
    }
}

/// A message as Pub/Sub pushes it; `local` takes it as the body of the message.
fn push(text: &str) -> String {
    let data = base64_simd::STANDARD.encode_to_string(text);
    format!(r#"{{"message":{{"data":"{data}","messageId":"7"}},"subscription":"projects/p/subscriptions/orders"}}"#)
}

/// When it starts, a server logs which events it accepts.
#[test]
fn the_start_logs_which_events_are_accepted() {
    let no_requests = [talk_request("tea")];
    for (environment, part, is_warning) in [
        (&[("OMNIFN_PROVIDER", "gcp")][..], "events for `take`, `shrink` are refused: ", true),
        (&[("OMNIFN_PROVIDER", "gcp"), ("FUNCTION_TARGET", "talk,take")], "events for `take` are refused: ", true),
        (
            &[("OMNIFN_PROVIDER", "gcp"), ("FUNCTION_TARGET", "take")],
            "events for `take` are accepted at every path: ",
            false,
        ),
        (&[("OMNIFN_PROVIDER", "gcp"), ("OMNIFN_PRIVATE", "true")], "OMNIFN_PRIVATE declares", false),
        (&[("OMNIFN_PROVIDER", "azure"), ("OMNIFN_AZURE_HTTP", "proxying")], "X-Forwarded-Host; webhooks", false),
        (
            &[("OMNIFN_PROVIDER", "azure"), ("OMNIFN_AZURE_HTTP", "forwarding")],
            "events for `take`, `shrink` are refused: ",
            true,
        ),
        (&[("OMNIFN_PROVIDER", "local")], "events for `take`, `shrink` are accepted at /_omnifn/<function>", false),
    ] {
        let (lines, _) = running(environment, &no_requests);
        let line = lines.iter().find(|line| line.contains(part)).unwrap_or_else(|| panic!("{part}: {lines:#?}"));
        let severity = line.to_ascii_uppercase().contains("WARN");
        assert_eq!(severity, is_warning, "{line}");
        let about_events = lines.iter().filter(|line| line.contains("events for `")).count();
        assert_eq!(about_events, 1, "{lines:#?}");
    }
    let (lines, _) = running(&[("OMNIFN_PROVIDER", "gcp"), ("FUNCTION_TARGET", "talk")], &no_requests);
    assert!(!lines.iter().any(|line| line.contains("events for")), "{lines:#?}");
}

/// A configuration that cannot be read as the host reads it is an error, and no default takes its place.
#[test]
fn an_unreadable_configuration_of_azure_ends_the_program() {
    let folder = std::env::temp_dir().join(format!("omnifn-host-json-{}", std::process::id()));
    std::fs::create_dir_all(folder.join("take")).expect("a folder");
    let app = folder.to_str().expect("a path").to_owned();
    let start = |host_json: &str, function_json: &str, variable: (&str, &str)| {
        std::fs::write(folder.join("host.json"), host_json).expect("a file");
        std::fs::write(folder.join("take/function.json"), function_json).expect("a file");
        let port = ports::free_port().to_string();
        let environment = [
            ("OMNIFN_TEST_LINES", "1"),
            ("OMNIFN_PROVIDER", "azure"),
            ("FUNCTIONS_APP_ROOT_PATH", &app),
            ("FUNCTIONS_CUSTOMHANDLER_PORT", &port),
            variable,
        ];
        Process::start("program", environment.map(|(name, value)| (name, value.to_owned()))).wait()
    };
    let trigger = r#"{"bindings": [{"type": "queueTrigger", "name": "bytes", "dataType": "binary"}]}"#;
    for (host_json, function_json, variable, part) in [
        ("{\n  \"version\": \n}", trigger, ("A", "b"), "host.json cannot be read"),
        (
            "{\"customHandler\": {\"enableProxyingHttpRequest\": \"yes\"}}",
            trigger,
            ("A", "b"),
            "line 1 column 49: invalid value",
        ),
        ("{}", "{\"bindings\": []}", ("A", "b"), "take/function.json: none of its `bindings` is a trigger"),
        (
            "{}",
            trigger,
            ("AzureFunctionsJobHost__customHandler__enableProxyingHttpRequest", "yes"),
            "expected true or false",
        ),
        ("{}", trigger, ("OMNIFN_OIDC_AUDIENCE", "https://shop.example"), "OMNIFN_OIDC"),
    ] {
        let (code, lines) = start(host_json, function_json, variable);
        assert!(code.is_some_and(|code| code != 0), "{host_json}: {lines:#?}");
        assert!(lines.iter().any(|line| line.contains(part)), "{part}: {lines:#?}");
    }
    // Without the file, it is unknown whether a request that looks like the host's could be a client's.
    let (empty, port) = (folder.join("empty"), ports::free_port().to_string());
    std::fs::create_dir(&empty).expect("a folder");
    let environment = [
        ("OMNIFN_TEST_LINES", "1"),
        ("OMNIFN_PROVIDER", "azure"),
        ("FUNCTIONS_APP_ROOT_PATH", empty.to_str().expect("a path")),
        ("FUNCTIONS_CUSTOMHANDLER_PORT", &port),
    ];
    let (code, lines) = Process::start("program", environment.map(|(name, value)| (name, value.to_owned()))).wait();
    assert!(code.is_some_and(|code| code != 0), "{lines:#?}");
    for part in ["there is no host.json", "OMNIFN_AZURE_HTTP"] {
        assert!(lines.iter().any(|line| line.contains(part)), "{part}: {lines:#?}");
    }
    std::fs::remove_dir_all(&folder).expect("it is removed");
}

/// An attribute that no CloudEvent can have does not lose the event.
#[test]
fn ignored_attributes_are_one_warning() {
    let attributes =
        "ce-specversion: 1.0\r\nce-id: 7\r\nce-type: t\r\nce-source: /s\r\nce-my-extension: hunter2\r\nce-b_c: hunter2";
    let request = format!(
        "POST /_omnifn/take HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{attributes}\r\ncontent-length: 4\r\n\r\ngood"
    );
    let (lines, answers) = running(&[("OMNIFN_PROVIDER", "local")], &[request]);
    assert!(answers[0].contains(r#"{"records":[{"outcome":"done"}]}"#), "{answers:?}");
    let warnings: Vec<_> = lines.iter().filter(|line| line.starts_with("WARN ")).collect();
    let [warning] = &warnings[..] else { panic!("{lines:#?}") };
    for part in ["ignored attributes of a CloudEvent", "my-extension", "b_c", "record=\"7\""] {
        assert!(warning.contains(part), "no {part} in {warning}");
    }
    assert!(!warning.contains("hunter2"), "{warning}");
}

/// A sender that may not deliver events may not register for them either.
#[test]
fn a_handshake_is_verified_as_an_event_is() {
    let variables = [
        ("OMNIFN_PROVIDER", "gcp"),
        ("OMNIFN_DELIVERY_SECRET", "hunter2"),
        ("OMNIFN_WEBHOOK_ORIGINS", "events.example.com"),
    ];
    let request = |headers: &str| {
        format!("OPTIONS /_omnifn/take HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}content-length: 0\r\n\r\n")
    };
    let (origin, secret) = ("webhook-request-origin: events.example.com\r\n", "x-omnifn-delivery-secret: hunter2\r\n");
    let other = "webhook-request-origin: evil.example\r\n";
    let requests = [request(origin), request(&format!("{origin}{secret}")), request(&format!("{other}{secret}"))];
    let (lines, answers) = running(&variables, &requests);
    let [without, with, of_another] = &answers[..] else { panic!("{answers:?}") };
    assert!(without.starts_with("HTTP/1.1 401") && !without.contains("webhook-allowed"), "{without}");
    assert!(with.starts_with("HTTP/1.1 200") && with.contains("webhook-allowed-origin: events.example.com"), "{with}");
    assert!(of_another.starts_with("HTTP/1.1 403") && !of_another.contains("webhook-allowed"), "{of_another}");
    // The line has what has to be configured, and nothing of the secret.
    let refused = lines.iter().find(|line| line.contains("evil.example")).expect("a line");
    assert!(refused.contains("OMNIFN_WEBHOOK_ORIGINS"), "{refused}");
    assert!(!lines.join("\n").contains("hunter2"), "{lines:#?}");
}

/// What was kept for a reply that never was.
#[test]
fn no_line_is_lost_without_a_reply() {
    // The host closes the connection.
    let (process, port) = start(&AZURE);
    let mut client = client::Client::connect(port);
    client.send(enveloped("never", "/never/closed"));
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert!(!process.log().iter().any(|line| line.contains("started: closed")), "it is kept: {:#?}", process.log());
    drop(client);
    process.wait_for("started: closed");
    // The invocation is cut off at the end.
    let mut client = client::Client::connect(port);
    client.send(enveloped("never", "/never/cut"));
    std::thread::sleep(std::time::Duration::from_millis(500));
    process.signal("TERM");
    process.signal("INT");
    let lines = process.lines();
    assert!(lines.iter().any(|line| line.contains("started: cut")), "{lines:#?}");
    // The program ends itself.
    let (process, port) = start(&AZURE);
    let mut client = client::Client::connect(port);
    client.send(enveloped("never", "/never/exit"));
    let lines = process.lines();
    let at = |words: &str| lines.iter().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{lines:#?}"));
    assert!(at("started: exit") < at("the end is near"), "{lines:#?}");
}

#[test]
fn lines_without_a_reply_keep_their_order() {
    let (lines, answers) = running(&AZURE, &[enveloped("much", "/much")]);
    let (_, body) = answers[0].split_once("\r\n\r\n").expect("a body");
    let kept: Value = serde_json::from_str(body).expect("an envelope");
    let number = |line: &Value| line["number"].as_u64();
    let written: Vec<_> = json(&lines).iter().filter_map(number).collect();
    let carried: Vec<_> = kept["Logs"].as_array().expect("a list").iter().filter_map(Value::as_str).collect();
    let carried = carried.iter().filter_map(|line| line.rsplit_once("number=")?.1.parse().ok());
    let all: Vec<u64> = written.iter().copied().chain(carried).collect();
    assert!(written.len() > 100 && written.len() < 400, "{}", written.len());
    assert_eq!(all, (0..400).collect::<Vec<_>>());
}

/// No line is lost, also where the program ends itself, and each is whole.
#[test]
fn the_lines_of_a_busy_server() {
    for exits in [false, true] {
        let (process, port) = start(&[("OMNIFN_PROVIDER", "gcp")]);
        let mut clients: Vec<_> = (0..32).map(|_| client::Client::connect(port)).collect();
        for round in 0..20 {
            for (number, client) in clients.iter_mut().enumerate() {
                client.send(format!("GET /quiet/{round}-{number} HTTP/1.1\r\nhost: x\r\n\r\n"));
            }
            clients.iter_mut().for_each(|client| drop(client.read_until("quiet")));
        }
        let lines = if exits {
            clients[0].send("GET /never/exit HTTP/1.1\r\nhost: x\r\n\r\n");
            process.lines()
        } else {
            process.signal("TERM");
            process.lines()
        };
        let lines = json(&lines);
        let count = |path: &str| lines.iter().filter(|line| line["httpRequest"]["requestUrl"] == path).count();
        for (round, number) in (0..20).flat_map(|round| (0..32).map(move |number| (round, number))) {
            assert_eq!(count(&format!("/quiet/{round}-{number}")), 1, "{round} {number} {exits}");
        }
        // In their order.
        if exits {
            let last = lines.iter().rposition(|line| line["httpRequest"].is_object()).unwrap_or_default();
            let warned = lines.iter().position(|line| line["message"] == "the end is near");
            assert!(warned.is_some_and(|warned| last < warned), "{lines:#?}");
        }
    }
}

/// Payloads, headers and query strings are in no line, at any level below trace, whatever goes wrong.
#[test]
fn nothing_that_was_sent_is_logged() {
    let envelope = |body: &str| format!(r#"{{"Data":{{"order":{body}}},"Metadata":{{"hunter2":"hunter2"}}}}"#);
    for (provider, path) in [("gcp", "/_omnifn/take"), ("local", "/_omnifn/take"), ("azure", "/take")] {
        for level in ["error", "warn", "info", "debug"] {
            let mut requests = vec![talk_request("tea"), talk_request("panic")];
            let bodies = [r#"{"title":"hunter2"}"#, r#"{"title":7}"#, r#"{"hunter2"#, r#""hunter2""#, "hunter2"];
            requests.extend(bodies.iter().map(|body| post("/note", body)));
            requests.extend(bodies.iter().flat_map(|body| [post(path, body), post(path, &envelope(body))]));
            let environment = [
                ("OMNIFN_PROVIDER", provider),
                ("OMNIFN_AZURE_HTTP", "proxying"),
                ("OMNIFN_LOG", level),
                ("OMNIFN_PRIVATE", "true"),
            ];
            let (lines, answers) = running(&environment, &requests);
            assert!(answers.iter().all(|answer| answer.starts_with("HTTP/1.1 ")), "{answers:#?}");
            let failures = lines.iter().filter(|line| line.contains("no paper") || line.contains("no stock")).count();
            assert!(failures > 0, "{provider}: {lines:#?}");
            let told: Vec<_> = lines.iter().filter(|line| line.contains("hunter2")).collect();
            assert!(told.is_empty(), "{provider}, {level}: {told:#?}");
        }
    }
}
