//! The program as it is built, under load: what is in flight at the end is finished, a panic or an overrun is its own invocation's
//! alone, and memory stays as it is.
//!
//! `OMNIFN_SOAK=100000 cargo test --release --test production` sends as many requests as that; without it, a few thousand.
#![cfg(target_os = "linux")]

#[path = "support/ports.rs"]
mod ports;
#[path = "support/process.rs"]
#[allow(dead_code, reason = "the suites of the runtime use the rest")]
mod process;

use std::{
    io,
    process::{Command, ExitCode},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use omnifn::prelude::*;
use process::Process;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

static RUNNING: AtomicUsize = AtomicUsize::new(0);

/// Takes a while; the last of the expected invocations reports that.
#[function(get = "/wait/{of}")]
async fn wait(Path(of): Path<usize>) -> &'static str {
    if RUNNING.fetch_add(1, Ordering::Relaxed) + 1 == of {
        eprintln!("all of them run");
    }
    tokio::time::sleep(Duration::from_millis(1500)).await;
    "waited"
}

#[function(get = "/job/{number}")]
async fn job(Path(number): Path<usize>) -> String {
    match number % 100 {
        13 => panic!("on purpose"),
        42 => tokio::time::sleep(Duration::from_secs(3600)).await,
        _ => tokio::task::yield_now().await,
    }
    format!("done {number}")
}

/// The program.
#[test]
#[ignore = "no test: the program, which the tests start"]
fn program() {
    if std::env::var_os("OMNIFN_TEST_PRODUCTION").is_none() {
        return;
    }
    let code = omnifn::run(omnifn::app!(wait, job));
    std::process::exit(i32::from(code != ExitCode::SUCCESS));
}

const PROVIDERS: [(&str, &str); 3] = [("gcp", "PORT"), ("azure", "FUNCTIONS_CUSTOMHANDLER_PORT"), ("local", "PORT")];

/// A test of this binary in a process of its own, by a shell.
fn started_by(shell: &str, test: &str, environment: Vec<(&str, String)>) -> Process {
    let mut command = Command::new("sh");
    command.args(["-c", shell, "sh"]).arg(std::env::current_exe().expect("the test binary"));
    command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).envs(environment);
    Process::run(command)
}

/// The same, where it may have many files open.
fn started(test: &str, environment: Vec<(&str, String)>) -> Process {
    started_by(r#"ulimit -n 8192 2>/dev/null || ulimit -n "$(ulimit -H -n)"; exec "$@""#, test, environment)
}

async fn server(provider: &str, variable: &'static str, more: &[(&'static str, &str)]) -> (Process, u16) {
    server_by(started, provider, variable, more).await
}

async fn server_by(
    start: impl Fn(&str, Vec<(&str, String)>) -> Process,
    provider: &str,
    variable: &'static str,
    more: &[(&'static str, &str)],
) -> (Process, u16) {
    let port = ports::free_port();
    let mut environment = vec![
        ("OMNIFN_TEST_PRODUCTION", "1".to_owned()),
        ("OMNIFN_PROVIDER", provider.to_owned()),
        ("OMNIFN_AZURE_HTTP", "proxying".to_owned()),
        ("OMNIFN_LOG", "error".to_owned()),
        // Memory that the allocator keeps for each thread would hide what the program itself keeps.
        ("MALLOC_ARENA_MAX", "1".to_owned()),
        (variable, port.to_string()),
    ];
    environment.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
    let mut process = start("program", environment);
    for _ in 0..6000 {
        if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
            return (process, port);
        }
        process.assert_alive("before it listens");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("nobody listens");
}

async fn send(stream: &mut TcpStream, path: &str) -> io::Result<()> {
    // As Azure's host forwards it; the others do not mind.
    let more = "x-forwarded-host: example.com\r\nx-forwarded-for: 203.0.113.7\r\nx-forwarded-proto: https";
    stream.write_all(format!("GET {path} HTTP/1.1\r\nhost: x\r\n{more}\r\n\r\n").as_bytes()).await
}

/// The status and the body of the next answer.
async fn receive(stream: &mut TcpStream) -> io::Result<(u16, String)> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length =
                head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if body.len() >= length.unwrap_or(0) {
                let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
                return Ok((status.unwrap_or_default(), body.to_owned()));
            }
        }
        let mut part = [0; 4096];
        match stream.read(&mut part).await? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => read.extend_from_slice(&part[..n]),
        }
    }
}

/// Clients that send a request each, and then wait for its answer.
#[tokio::test]
#[ignore = "no test: the clients, which a test starts"]
async fn clients() {
    let Ok(port) = std::env::var("OMNIFN_TEST_PORT") else { return };
    let (port, count) = (port.parse::<u16>().expect("a port"), 1000);
    let waiting: Vec<_> = (0..count)
        .map(|_| {
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
                send(&mut stream, &format!("/wait/{count}")).await?;
                receive(&mut stream).await
            })
        })
        .collect();
    let mut lost = 0;
    for answer in waiting {
        let answer = answer.await.expect("no panic");
        if !matches!(&answer, Ok((200, body)) if body == "waited") {
            eprintln!("lost: {answer:?}");
            lost += 1;
        }
    }
    eprintln!("{lost} of {count} were lost");
}

/// Clients that only are there, as many as this system allows and ten thousand at most, until this process is ended.
#[tokio::test]
#[ignore = "no test: the clients, which a test starts"]
async fn idle_clients() {
    let Ok(port) = std::env::var("OMNIFN_TEST_PORT") else { return };
    let port = port.parse::<u16>().expect("a port");
    let mut there = Vec::new();
    // The server has to take one more.
    while there.len() < (files_allowed() * 3 / 4).min(10_000) {
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await else { break };
        // Half of them have had an answer, and wait for nothing.
        if there.len() % 2 == 0 && (send(&mut stream, "/job/1").await.is_err() || receive(&mut stream).await.is_err()) {
            break;
        }
        there.push(stream);
    }
    eprintln!("{} are there", there.len());
    std::future::pending::<()>().await;
}

fn files_allowed() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(1024)
}

/// Idle connections do not block other clients.
#[tokio::test]
async fn idle_connections() {
    const MORE_FILES: &str = r#"ulimit -n 20000 2>/dev/null || ulimit -n "$(ulimit -H -n)"; exec "$@""#;
    for (provider, variable) in PROVIDERS {
        let start = |test: &str, environment: Vec<(&str, String)>| started_by(MORE_FILES, test, environment);
        let (server, port) = server_by(start, provider, variable, &[]).await;
        let clients = start("idle_clients", vec![("OMNIFN_TEST_PORT", port.to_string())]);
        let there = clients.wait_for(" are there");
        println!("{provider}: {there}; {} kB", resident(server.id()));
        // Where few files are allowed, few clients can be there; a few hundred are everywhere.
        assert!(
            there.split(' ').next().and_then(|count| count.parse().ok()).is_some_and(|count: u32| count > 200),
            "{there}"
        );
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
        send(&mut stream, "/job/7").await.expect("sent");
        assert_eq!(receive(&mut stream).await.expect("an answer"), (200, "done 7".to_owned()));
        drop(clients);
        server.signal("TERM");
        assert_eq!(server.wait().0, Some(0), "{provider}");
    }
}

#[tokio::test]
async fn nothing_is_lost_at_the_end() {
    for (provider, variable) in PROVIDERS {
        let (server, port) = server(provider, variable, &[]).await;
        let clients = started("clients", vec![("OMNIFN_TEST_PORT", port.to_string())]);
        server.wait_for("all of them run");
        server.signal("TERM");
        clients.wait_for("0 of 1000 were lost");
        let (code, lines) = server.wait();
        assert_eq!((code, lines), (Some(0), Vec::new()), "{provider}");
    }
}

/// One in a hundred panics, one in a hundred takes too long: all others are answered, and the process is as large as before.
#[tokio::test]
async fn a_failure_is_its_own_invocations_alone() {
    let total: usize = std::env::var("OMNIFN_SOAK").ok().and_then(|text| text.parse().ok()).unwrap_or(8_000);
    for (provider, variable) in PROVIDERS {
        let (server, port) = server(provider, variable, &[("OMNIFN_TIMEOUT", "1")]).await;
        let next = Arc::new(AtomicUsize::new(0));
        let workers: Vec<_> = (0..100)
            .map(|_| {
                let next = next.clone();
                tokio::spawn(async move {
                    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= total {
                            break;
                        }
                        send(&mut stream, &format!("/job/{number}")).await.expect("sent");
                        let (status, body) = receive(&mut stream).await.expect("an answer");
                        let wanted = match number % 100 {
                            13 => 500,
                            42 => 504,
                            _ => 200,
                        };
                        assert_eq!(status, wanted, "{number}: {body}");
                        assert!(status != 200 || body == format!("done {number}"), "{number}: {body}");
                    }
                })
            })
            .collect();
        // What is resident, as the load goes on.
        let sampled = tokio::spawn({
            let (next, id) = (next.clone(), server.id());
            async move {
                let mut samples = Vec::new();
                while next.load(Ordering::Relaxed) < total {
                    samples.push((next.load(Ordering::Relaxed), resident(id)));
                    tokio::time::sleep(Duration::from_millis(20)).await;
                }
                samples
            }
        });
        for worker in workers {
            worker.await.expect("each answer is right");
        }
        let samples = sampled.await.expect("samples");
        if total >= 100_000 {
            let mean = |quarter: usize| {
                let of = samples.iter().filter(|(at, _)| at * 4 / total == quarter).map(|(_, kilobytes)| *kilobytes);
                let of: Vec<_> = of.collect();
                of.iter().sum::<u64>() as f64 / of.len().max(1) as f64
            };
            let (second, last) = (mean(1), mean(3));
            println!(
                "{provider}: {second:.0} kB in the second quarter, {last:.0} kB in the last: {:.4}",
                last / second
            );
            assert!(last < second * 1.02, "{provider}: it grows from {second} kB to {last} kB");
        }
        server.signal("TERM");
        assert_eq!(server.wait().0, Some(0), "{provider}");
    }
}

/// A log that cannot be written does not fail an invocation: neither on a full disk, nor if its reader has closed it.
#[tokio::test]
async fn a_log_that_cannot_be_written() {
    // The harness of the tests itself needs its standard output, so this is about the providers that log to standard error.
    for shell in [r#"exec "$@" 2>/dev/full"#, r#"exec "$@" 2>&-"#] {
        for (provider, variable) in PROVIDERS.into_iter().filter(|(provider, _)| *provider != "azure") {
            let start = |test: &str, environment: Vec<(&str, String)>| started_by(shell, test, environment);
            let more = [("OMNIFN_LOG", "trace"), ("OMNIFN_TIMEOUT", "1")];
            let (server, port) = server_by(start, provider, variable, &more).await;
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
            for (number, wanted) in [(1, 200), (13, 500), (42, 504), (2, 200)] {
                send(&mut stream, &format!("/job/{number}")).await.expect("sent");
                assert_eq!(receive(&mut stream).await.expect("an answer").0, wanted, "{provider}: {number}");
            }
            server.signal("TERM");
            assert_eq!(server.wait().0, Some(0), "{provider}");
        }
    }
}

/// The resident memory of a process, in kilobytes.
fn resident(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or_default()
}
