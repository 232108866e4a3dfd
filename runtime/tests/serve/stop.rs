//! The end: what is in flight is finished, nothing new is taken, the exit code is 0.

use std::{
    net::TcpStream,
    thread,
    time::{Duration, Instant},
};

use crate::{Server, env, process::Process};

#[test]
fn requests_in_flight_are_finished() {
    for signal in ["TERM", "INT"] {
        let server = Server::start();
        let mut idle = server.connect();
        idle.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
        assert!(idle.read_until("fine").ends_with("fine"));
        let mut silent = server.connect();
        let mut busy: Vec<_> = (0..100).map(|_| server.connect()).collect();
        for client in &mut busy {
            client.send("GET /sleep/2500 HTTP/1.1\r\nhost: x\r\n\r\n");
        }
        let mut streaming = server.connect();
        streaming.send("GET /parts/some,2500,more HTTP/1.1\r\nhost: x\r\n\r\n");
        assert!(streaming.read_until("some\r\n").ends_with("some\r\n"));

        server.process.signal(signal);
        for mut client in busy {
            let answer = client.read_all();
            assert!(answer.ends_with("slept") && answer.contains("connection: close"), "{answer}");
        }
        assert_eq!(streaming.read_all(), "4\r\nmore\r\n0\r\n\r\n");
        assert_eq!(idle.read_all(), "");
        assert_eq!(silent.read_all(), "");
        let (code, lines) = server.process.wait();
        assert_eq!((code, lines), (Some(0), Vec::new()));
    }
}

#[test]
fn nothing_new_is_taken() {
    let server = Server::start();
    let mut busy = server.connect();
    busy.send("GET /sleep/1500 HTTP/1.1\r\nhost: x\r\n\r\n");
    thread::sleep(Duration::from_millis(200));
    server.process.signal("TERM");
    let until = Instant::now() + Duration::from_secs(60);
    while TcpStream::connect(("127.0.0.1", server.port)).is_ok() {
        assert!(Instant::now() < until, "still listening");
        thread::sleep(Duration::from_millis(10));
    }
    assert!(busy.read_all().ends_with("slept"));
    assert_eq!(server.process.wait().0, Some(0));
}

#[test]
fn a_second_signal_does_not_wait() {
    let server = Server::start();
    let mut busy = server.connect();
    busy.send("GET /sleep/600000 HTTP/1.1\r\nhost: x\r\n\r\n");
    thread::sleep(Duration::from_millis(300));
    server.process.signal("INT");
    thread::sleep(Duration::from_millis(300));
    server.process.signal("INT");
    let (code, lines) = server.process.wait();
    assert_eq!((code, lines.len()), (Some(0), 1), "{lines:?}");
    assert!(lines[0].contains("second shutdown signal"), "{}", lines[0]);
}

#[test]
fn a_start_can_be_interrupted() {
    let process = Process::start("server_process", env([("PORT", "0"), ("OMNIFN_TEST_START", "never")]));
    thread::sleep(Duration::from_millis(700));
    process.signal("TERM");
    assert_eq!(process.wait().0, Some(0));
}

/// What the app wants to do at its end is done after the last request.
#[test]
fn the_app_receives_the_shutdown() {
    let server = Server::start_with("stop");
    let mut busy = server.connect();
    busy.send("GET /sleep/500 HTTP/1.1\r\nhost: x\r\n\r\n");
    thread::sleep(Duration::from_millis(100));
    server.process.signal("TERM");
    assert!(busy.read_all().ends_with("slept"));
    server.process.wait_for("stopping with the state");
    assert_eq!(server.process.wait(), (Some(0), Vec::new()));
}

#[test]
fn an_end_that_does_not_end_is_cut_off() {
    let server = Server::start_with("never stops");
    let started = Instant::now();
    server.process.signal("TERM");
    let (code, lines) = server.process.wait();
    assert!(code == Some(0) && started.elapsed() < Duration::from_secs(8), "{code:?}");
    assert!(lines.len() == 1 && lines[0].contains("did not finish within 2000 ms"), "{lines:?}");
}

/// Requests that no thread had time to read before the signal are answered, too.
#[test]
fn requests_that_wait_for_a_thread_are_answered() {
    let server = Server::start();
    let threads = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut busy: Vec<_> = (0..threads).map(|_| server.connect()).collect();
    for client in &mut busy {
        client.send("GET /block/1500 HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    thread::sleep(Duration::from_millis(300));
    let mut waiting: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for client in &mut waiting {
        client.send("GET /sleep/300 HTTP/1.1\r\nhost: x\r\n\r\n");
    }
    thread::sleep(Duration::from_millis(300));
    server.process.signal("TERM");
    for mut client in waiting {
        let answer = client.read_all();
        assert!(answer.ends_with("slept"), "{answer:?}");
    }
    assert_eq!(server.process.wait(), (Some(0), Vec::new()));
}

/// A request that was received in part is in flight.
#[test]
fn half_a_head_is_waited_for() {
    let server = Server::start();
    let mut halves: Vec<_> = (0..20).map(|_| server.connect()).collect();
    for client in &mut halves {
        client.send("POST /size HTTP/1.1\r\nhost: x\r\n");
    }
    thread::sleep(Duration::from_millis(300));
    server.process.signal("TERM");
    thread::sleep(Duration::from_millis(300));
    for mut client in halves {
        client.send("content-length: 5\r\n\r\nhello");
        let answer = client.read_all();
        assert!(answer.ends_with("\r\n\r\n5") && answer.contains("connection: close\r\n"), "{answer}");
    }
    assert_eq!(server.process.wait(), (Some(0), Vec::new()));
}

/// The same where the caller owns the runtime.
#[test]
fn a_server_in_a_runtime_of_the_caller() {
    let server = Server::start_in([("OMNIFN_TEST_START", "stop"), ("OMNIFN_TEST_OWN_RUNTIME", "1")]);
    let mut busy = server.connect();
    busy.send("GET /sleep/500 HTTP/1.1\r\nhost: x\r\n\r\n");
    thread::sleep(Duration::from_millis(100));
    server.process.signal("TERM");
    assert!(busy.read_all().ends_with("slept"));
    server.process.wait_for("stopping with the state");
    assert_eq!(server.process.wait(), (Some(0), Vec::new()));
}
