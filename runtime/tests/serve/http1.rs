//! HTTP/1.1: what comes in, what goes out, and what goes wrong.

use crate::Server;

#[test]
fn one_connection_carries_many_requests() {
    let server = Server::start();
    let mut client = server.connect();
    for _ in 0..3 {
        client.send("POST /size HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\nhello");
        let answer = client.read_until("\r\n\r\n5");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && answer.contains("content-length: 1\r\n"), "{answer}");
    }
    assert_eq!(server.connect().get("/peer").lines().last(), Some("loopback"));
}

#[test]
fn bodies_stream_both_ways() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("POST /pass HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n");
    // The answer to the first piece is here before the second is sent.
    assert!(client.read_until("5\r\nfirst\r\n").contains("transfer-encoding: chunked"));
    client.send("6\r\nsecond\r\n0\r\n\r\n");
    assert_eq!(client.read_until("0\r\n\r\n"), "6\r\nsecond\r\n0\r\n\r\n");
}

#[test]
fn a_body_that_fails_is_cut_off_not_ended() {
    let server = Server::start();
    for (path, words) in [
        ("/parts/some,20,!error,more", "the response's body failed: the disk is full\""),
        ("/parts/some,20,!panic", "the response's body panicked: the body has a mistake"),
    ] {
        let answer = server.connect().get(path);
        assert!(answer.contains("4\r\nsome\r\n"), "{answer}");
        assert!(!answer.contains("0\r\n\r\n") && !answer.contains("more"), "a clean end: {answer}");
        let line = server.process.wait_for(words);
        assert!(line.starts_with("ERROR omnifn: ") && line.contains("function=act"), "{line}");
    }
    assert!(server.connect().get("/").ends_with("fine"));
}

#[test]
fn failures_cost_one_request_each() {
    let mut server = Server::start();
    for (path, status, words) in [
        ("/panic", "500", "the function panicked: the function has a mistake"),
        ("/error", "503", "the database is gone"),
        ("/adapter-panics", "500", "the runtime panicked: this adapter has a mistake"),
    ] {
        let answer = server.connect().get(path);
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
        assert!(!answer.contains("mistake") && !answer.contains("database"), "internals leak: {answer}");
        server.process.wait_for(words);
        server.process.assert_alive(path);
        assert!(server.connect().get("/").ends_with("fine"));
    }
}

/// What is no HTTP, or too much of it, gets a 4xx or the end of its connection; the next request is served.
#[test]
fn bad_input_is_refused_and_the_server_lives() {
    let mut server = Server::start();
    let many = format!("GET / HTTP/1.1\r\n{}\r\n", "x-header: value\r\n".repeat(200));
    let long = format!("GET /{} HTTP/1.1\r\nhost: x\r\n\r\n", "a".repeat(70_000));
    let huge = format!("GET / HTTP/1.1\r\nhost: x\r\nx: {}\r\n\r\n", "a".repeat(1_000_000));
    let cases: [(&str, &[u8], &str); 10] = [
        ("nothing", b"", ""),
        ("no HTTP", b"hello\r\n\r\n", "400"),
        ("bytes", b"\x00\xff\x16\x03\x01\r\n\r\n", "400"),
        ("a header without a name", b"GET / HTTP/1.1\r\n: x\r\n\r\n", "400"),
        ("two lengths", b"POST / HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab", "400"),
        ("a length that is none", b"POST / HTTP/1.1\r\ncontent-length: -1\r\n\r\n", "400"),
        (
            "a chunk that is none",
            b"POST /size HTTP/1.1\r\ntransfer-encoding: chunked\r\nconnection: close\r\n\r\nzz\r\n",
            "400",
        ),
        ("many headers", many.as_bytes(), "431"),
        ("a long target", long.as_bytes(), "414"),
        ("a huge head", huge.as_bytes(), "431"),
    ];
    for (what, bytes, status) in cases {
        let mut client = server.connect();
        client.send(bytes);
        client.finish();
        let answer = client.read_all();
        let found = answer.split(' ').nth(1).unwrap_or_default();
        assert_eq!(found, status, "{what}: {answer}");
        server.process.assert_alive(what);
    }
    assert!(server.connect().get("/").ends_with("fine"));
}

#[test]
fn a_body_above_the_limit_is_a_413_before_it_is_sent() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("POST /size/10 HTTP/1.1\r\nhost: x\r\ncontent-length: 1000000000\r\n\r\n");
    assert!(client.read_until("}").starts_with("HTTP/1.1 413 "));
}

/// A client that breaks off in its body costs nothing but its own request.
#[test]
fn a_client_that_goes_away_is_no_error() {
    let mut server = Server::start();
    for _ in 0..50 {
        let mut client = server.connect();
        client.send("POST /size HTTP/1.1\r\nhost: x\r\ncontent-length: 100\r\n\r\nonly some");
        drop(client);
        let mut client = server.connect();
        client.send("GET /sleep/5000 HTTP/1.1\r\nhost: x\r\n\r\n");
        drop(client);
    }
    server.process.assert_alive("after clients that went away");
    assert!(server.connect().get("/").ends_with("fine"));
}
