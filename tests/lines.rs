//! What a function says by the crate `tracing`, in the program as it is built: each line with its invocation, in the provider's form.
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

async fn connect() -> Result<&'static str> {
    tracing::info!("connecting");
    if std::env::var_os("OMNIFN_TEST_OWN").is_some() {
        let own = tracing_subscriber::fmt().with_writer(std::io::stderr).json().finish();
        tracing::subscriber::set_global_default(own).expect("nobody was faster");
    }
    Ok("connected")
}

/// The program.
#[test]
#[ignore = "no test: the program, which the tests start"]
fn program() {
    if std::env::var_os("OMNIFN_TEST_LINES").is_none() {
        return;
    }
    let code = omnifn::run(omnifn::app!(talk; state = connect));
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}

/// What the program writes while a function talks; each word is one invocation.
fn said(more: &[(&str, &str)], words: &[&str]) -> Vec<String> {
    let port = ports::free_port();
    let text = port.to_string();
    let environment = [("OMNIFN_TEST_LINES", "1"), ("PORT", text.as_str())];
    let all = environment.iter().chain(more).map(|(name, value)| (*name, (*value).to_owned()));
    let mut process = Process::start("program", all);
    let until = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        process.assert_alive("before it listens");
        assert!(std::time::Instant::now() < until, "nobody listens");
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    for word in words {
        let mut client = client::Client::connect(port);
        let id = format!(
            "function-execution-id: {word}-7\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        );
        client.send(format!("GET /talk/{word}?secret=hunter2 HTTP/1.1\r\nhost: x\r\n{id}\r\nauthorization: hunter2\r\nconnection: close\r\n\r\n"));
        client.read_all();
    }
    process.signal("TERM");
    process.lines()
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
    assert_eq!((&labels["function"], &labels["execution_id"]), (&"talk".into(), &"tea-7".into()), "{tea}");
    assert_eq!(tea["logging.googleapis.com/trace"], "projects/p/traces/0af7651916cd43dd8448eb211c80319c");
    assert_eq!(
        (&tea["severity"], &tea["count"], &tea["ratio"], &tea["open"]),
        (&"INFO".into(), &7.into(), &0.5.into(), &true.into())
    );
    assert_eq!(tea["logger"], "lines");
    // What is nearer goes before what is further; a line stays one line.
    let two = find(&lines, "two\nlines of tea");
    assert_eq!((&two["id"], &two["state"], &two["severity"]), (&4712.into(), &"paid".into(), &"WARNING".into()));
    let task = find(&lines, "from a task");
    assert_eq!(task["logging.googleapis.com/labels"]["function"], "talk", "{task}");
    assert!(
        !lines.iter().any(|line| line["message"].as_str().is_some_and(|text| text.contains("details"))),
        "no debug"
    );
    assert_eq!(find(&lines, "connecting")["severity"], "INFO", "while it starts, too");
    assert_eq!(find(&lines, "GET /talk/tea → 200")["httpRequest"]["status"], 200);
    let panic = find(&lines, "the function panicked: on purpose, at tests/lines.rs");
    assert_eq!(panic["logging.googleapis.com/labels"]["execution_id"], "panic-7");
}

#[test]
fn how_much_is_said() {
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

/// Who has a subscriber of their own has all lines there, ours among them.
#[test]
fn a_subscriber_of_ones_own_wins() {
    let lines = json(&said(&[("OMNIFN_PROVIDER", "gcp"), ("OMNIFN_TEST_OWN", "1")], &["panic"]));
    let message = |line: &Value| line["fields"]["message"].as_str().unwrap_or_default().to_owned();
    let line = |words: &str| {
        lines.iter().find(|line| message(line).contains(words)).unwrap_or_else(|| panic!("{words}: {lines:#?}"))
    };
    assert_eq!(line("said panic")["spans"][0]["invocation_id"], "panic-7");
    assert_eq!(line("the function panicked")["fields"]["error"], "Panicked");
    line("GET /talk/panic → 500");
    assert!(lines.iter().all(|line| line["severity"].is_null() || line["message"] == "connecting"), "{lines:#?}");
}
