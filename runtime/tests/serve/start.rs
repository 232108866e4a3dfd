//! The start of the process, and its end where it cannot start.

use std::net::TcpListener;

use crate::{Server, env, process::Process};

#[test]
fn the_banner_shows_the_routes() {
    let server = Server::start();
    let log = server.process.log().join("\n");
    assert!(log.contains("any method, any path  → act"), "{log}");
    assert!(log.contains(&format!("curl http://127.0.0.1:{}/", server.port)), "{log}");
}

#[test]
fn a_port_in_use_is_reported_plainly() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("a port").port();
    let (code, lines) = Process::start("server_process", env([("PORT", &port.to_string())])).wait();
    assert_eq!((code, lines.len()), (Some(1), 1), "{lines:?}");
    assert!(
        lines[0].contains(&format!("port {port} of 127.0.0.1 is already in use")) && lines[0].contains("PORT="),
        "{}",
        lines[0]
    );
}

/// A server that cannot start logs one line, which contains what to do.
#[test]
fn a_start_that_fails_is_one_line_and_an_exit() {
    for (name, value, words) in [
        ("PORT", "http", "invalid value \"http\" for PORT: expected a port number"),
        ("PORT", "65536", "from 0 (any free port) to 65535"),
        ("HOST", "localhost", "invalid value \"localhost\" for HOST: expected an IP address"),
        ("HOST", "203.0.113.7", "cannot listen on 203.0.113.7:"),
        ("OMNIFN_TEST_START", "error", "there is no \"database\""),
        ("OMNIFN_TEST_START", "panic", "the app panicked while it started: the start panicked"),
    ] {
        let mut env = env([("PORT", "0")]);
        env.retain(|(known, _)| *known != name);
        env.push((name, value.to_owned()));
        let (code, lines) = Process::start("server_process", env).wait();
        assert_eq!((code, lines.len()), (Some(1), 1), "{name}={value}: {lines:?}");
        assert!(lines[0].starts_with("ERROR omnifn: ") && lines[0].contains(words), "{}", lines[0]);
    }
}

#[test]
fn the_address_may_be_another() {
    let process = Process::start("server_process", env([("PORT", "0"), ("HOST", "::1")]));
    // A machine without IPv6 reports that.
    let line = process.wait_for("::1");
    assert!(line.contains("listening on http://[::1]:") || line.contains("cannot listen on [::1]:"), "{line}");
}
