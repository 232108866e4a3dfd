//! What there is enough of for everybody: time, and places.

use std::time::{Duration, Instant};

use crate::{Server, env, process::Process};

#[test]
fn a_function_is_cancelled_in_time() {
    let server = Server::start_in([("OMNIFN_TIMEOUT", "0.5")]);
    let started = Instant::now();
    let answer = server.connect().get("/sleep/600000");
    assert!(answer.starts_with("HTTP/1.1 504 ") && started.elapsed() < Duration::from_secs(10), "{answer}");
    let line = server.process.wait_for(" Timeout ");
    assert!(line.contains("function=act") && line.contains("`act` was cancelled after 47"), "{line}");
    assert!(server.connect().get("/").ends_with("fine"));
}

#[test]
fn an_invalid_time_is_an_error() {
    for text in ["soon", "0", "-1", "inf", "1e300", ""] {
        let mut variables = env([("PORT", "0")]);
        variables.push(("OMNIFN_TIMEOUT", text.to_owned()));
        let process = Process::start("server_process", variables);
        if text.is_empty() {
            process.wait_for("listening on");
            continue;
        }
        let (code, lines) = process.wait();
        assert!(code == Some(1) && lines.len() == 1 && lines[0].contains("OMNIFN_TIMEOUT"), "{text}: {lines:?}");
    }
}

#[test]
fn one_more_than_there_is_place_for() {
    let server = Server::start_with("two at once");
    let mut busy: Vec<_> = (0..2).map(|_| server.connect()).collect();
    for client in &mut busy {
        client.send("GET /sleep/3000 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    }
    std::thread::sleep(Duration::from_millis(300));
    for _ in 0..3 {
        let answer = server.connect().get("/");
        assert!(answer.starts_with("HTTP/1.1 503 ") && answer.contains("retry-after: 1\r\n"), "{answer}");
    }
    for mut client in busy {
        assert!(client.read_all().ends_with("slept"));
    }
    assert!(server.connect().get("/").ends_with("fine"));
    // However many requests were refused, the limit is logged once.
    let lines: Vec<_> = server.process.kill().into_iter().filter(|line| line.contains("Overloaded")).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
}

/// The line of a panic contains its location, and nothing else is written.
#[test]
fn a_panic_has_a_place() {
    let server = Server::start();
    assert!(server.connect().get("/panic").starts_with("HTTP/1.1 500 "));
    let line = server.process.wait_for("the function has a mistake");
    assert!(line.starts_with("ERROR omnifn: Panicked ") && line.contains("app.rs:"), "{line}");
    assert!(!server.process.log().iter().any(|line| line.contains("stack backtrace") || line.contains("panicked at")));
}

/// A client that stops sending in the middle of a request is disconnected, and occupies no slot.
#[test]
fn slow_clients() {
    let server = Server::start_in([("OMNIFN_TEST_PATIENCE", "500"), ("OMNIFN_TEST_START", "two at once")]);
    let mut headless = server.connect();
    headless.send("GET / HTTP/1.1\r\nhost: x\r\nx-slow: 1");
    let mut bodiless = server.connect();
    bodiless.send("POST /size HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\nconnection: close\r\n\r\n12345");
    // Far more than the buffers between us hold, of which nothing is read.
    let mut deaf = server.connect();
    let large = "x".repeat(64 << 20);
    let started = Instant::now();
    std::thread::spawn(move || {
        deaf.send(format!("POST /pass HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{large}", large.len()))
    });
    assert!(bodiless.read_all().starts_with("HTTP/1.1 400 "), "the body broke off");
    headless.read_all();
    assert!(started.elapsed() < Duration::from_secs(20));
    server.process.wait_for("BrokenBody");
    // Both places are free again.
    let until = Instant::now() + Duration::from_secs(20);
    while !server.connect().get("/sleep/1").ends_with("slept") {
        assert!(Instant::now() < until, "the places are still taken");
        std::thread::sleep(Duration::from_millis(50));
    }
    // One that waits for its next request is not in the middle of anything.
    let mut idle = server.connect();
    idle.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(idle.read_until("fine").ends_with("fine"));
    std::thread::sleep(Duration::from_millis(1500));
    idle.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(idle.read_until("fine").ends_with("fine"), "its connection was closed");
}

/// Idle clients do not slow down others.
#[test]
fn many_idle_connections() {
    let server = Server::start();
    let idle: Vec<_> = (0..500).map(|_| server.connect()).collect();
    for _ in 0..20 {
        assert!(server.connect().get("/").ends_with("fine"));
    }
    drop(idle);
    assert!(server.connect().get("/").ends_with("fine"));
}

/// A server that may open no more files waits until some are closed.
#[test]
fn too_many_connections() {
    let server = Server::start_with_files(64);
    let many: Vec<_> = (0..100).map(|_| server.connect()).collect();
    server.process.wait_for("cannot accept connections: ");
    std::thread::sleep(Duration::from_millis(200));
    drop(many);
    for _ in 0..20 {
        assert!(server.connect().get("/").ends_with("fine"));
    }
    let lines = server.process.log().iter().filter(|line| line.contains("cannot accept")).count();
    assert!(lines < 10, "{lines} lines");
}
