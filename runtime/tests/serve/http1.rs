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

/// Where the end of the connection is the end of the body, one that is not whole ends otherwise.
#[test]
fn a_failed_body_without_a_length_is_incomplete() {
    use std::io::{Read, Write};

    let server = Server::start();
    for (parts, is_whole) in [("some,20,more", true), ("some,20,!error", false)] {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", server.port)).expect("the server listens");
        write!(stream, "GET /parts/{parts} HTTP/1.0\r\nhost: x\r\n\r\n").expect("sent");
        let mut answer = Vec::new();
        assert_eq!(stream.read_to_end(&mut answer).is_ok(), is_whole, "{parts}: {}", String::from_utf8_lossy(&answer));
    }
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
fn a_disconnected_client_is_not_an_error() {
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

/// Who waits to be asked is asked when the body is wanted, once, and before the answer.
#[test]
fn a_body_that_waits_to_be_asked_for() {
    let server = Server::start();
    let head = "HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 5\r\n\r\n";
    for path in ["/size", "/elsewhere"] {
        let mut client = server.connect();
        for _ in 0..2 {
            client.send(format!("POST {path} {head}"));
            assert_eq!(client.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n", "{path}");
            client.send("hello");
            let answer = client.read_until("\r\n\r\n5");
            assert!(answer.starts_with("HTTP/1.1 200 OK\r\n") && !answer.contains("close"), "{answer}");
        }
    }
    // Nobody wants it: the client may send it or not, and the connection ends.
    for path in ["/", "/size/2"] {
        let mut client = server.connect();
        client.send(format!("POST {path} {head}"));
        let answer = client.read_all();
        assert!(answer.starts_with("HTTP/1.1 ") && !answer.contains("100 Continue"), "{answer}");
    }
    // The body is requested when the response has already begun, and `100 Continue` can no longer be sent.
    let mut client = server.connect();
    client.send(format!("POST /pass {head}"));
    assert!(client.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 OK\r\n"));
    client.send("hello");
    assert_eq!(client.read_until("hello"), "hello");
}

/// The rest of a body that a function did not read is not parsed as a request.
#[test]
fn bodies_that_are_read_elsewhere_or_in_part() {
    let server = Server::start();
    for _ in 0..20 {
        let mut client = server.connect();
        let body = String::from_utf8(crate::app::many(300_000)).expect("letters");
        client.send(format!("POST /elsewhere HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
        assert!(client.read_until("300000").ends_with("300000"));
        client.send("POST /later HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\n\r\n");
        assert!(client.read_until("fine").ends_with("fine"));
        client.send("hello");
        client.send("GET /head/1 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(client.read_all().contains("GET /head/1\n"));
        // The rest of a body that nothing reads ends the connection, and is not a request.
        for part in ["content-length: 60000\r\n\r\nGET ", "transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"] {
            let mut client = server.connect();
            client.send(format!("POST /some HTTP/1.1\r\nhost: x\r\n{part}"));
            assert!(client.read_until("some").ends_with("some"));
            client.try_send("GET /head/1 HTTP/1.1\r\nhost: x\r\n\r\n");
            assert_eq!(client.read_all(), "");
        }
    }
    server.process.wait_for("read later: Some(5)");
    // What is too much of it ends the connection, in whatever pieces it comes.
    let mut client = server.connect();
    client.send("POST /some HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n");
    assert!(client.read_until("some").ends_with("some"));
    let chunk = format!("1000\r\n{}\r\n", "x".repeat(4096));
    let started = std::time::Instant::now();
    while client.try_send(&chunk) {
        assert!(started.elapsed() < std::time::Duration::from_secs(20), "it is read for ever");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    // And the answer arrives all the same.
    for path in ["/some", "/", "/size/10"] {
        let mut client = server.connect();
        client.send(format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 8000000\r\n\r\n{}",
            "x".repeat(8_000_000)
        ));
        let answer = client.read_all();
        assert!(answer.starts_with("HTTP/1.1 ") && answer.contains("\r\n\r\n"), "{path}: {answer}");
    }
}

/// A function whose client has gone is dropped, where it stands.
#[test]
fn a_function_is_cancelled_with_its_client() {
    let server = Server::start();
    let dropped = || server.process.log().iter().filter(|line| line.contains("the function was dropped")).count();
    for (i, request) in
        ["GET /dropped HTTP/1.1\r\nhost: x\r\n\r\n", "POST /dropped HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nab"]
            .iter()
            .enumerate()
    {
        let mut client = server.connect();
        client.send(request);
        std::thread::sleep(std::time::Duration::from_millis(100));
        assert_eq!(dropped(), i, "{request}");
        drop(client);
        let until = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while dropped() == i {
            assert!(std::time::Instant::now() < until, "it runs still: {request}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
}

/// What is large is written from where it is, however slowly it is taken.
#[test]
fn large_answers_are_whole() {
    let server = Server::start();
    for length in [8_191, 8_192, 8_193, 65_536, 1_000_000, 20_000_000] {
        let mut client = server.connect();
        client.send(format!("GET /large/{length} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"));
        std::thread::sleep(std::time::Duration::from_millis(20));
        let answer = client.read_all();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.contains(&format!("content-length: {length}\r\n")), "{head}");
        assert!(body.as_bytes() == crate::app::many(length), "{length}: {} bytes", body.len());
    }
}

/// The same in pieces, to one who takes them late: each once, and one end.
#[test]
fn large_answers_in_pieces_are_whole() {
    let server = Server::start();
    for version in ["1.1", "1.0"] {
        // Somewhere between these, the last of it is what does not fit into the buffers between us.
        for pieces in (1..4_500).step_by(60) {
            let mut client = server.connect();
            client.send(format!("GET /pieces/{pieces} HTTP/{version}\r\nhost: x\r\nconnection: close\r\n\r\n"));
            std::thread::sleep(std::time::Duration::from_millis(20));
            let answer = client.read_all();
            let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
            let piece = String::from_utf8(crate::app::many(1_000)).expect("letters");
            let expected = match version {
                "1.1" => format!("3E8\r\n{piece}\r\n").repeat(pieces) + "0\r\n\r\n",
                _ => piece.repeat(pieces),
            };
            assert!(head.starts_with(&format!("HTTP/{version} 200 OK\r\n")), "{head}");
            assert!(body == expected, "{version}, {pieces}: {} bytes of {}", body.len(), expected.len());
        }
    }
}

/// Many requests at once are answered one after the other.
#[test]
fn requests_sent_ahead_are_answered_in_order() {
    let server = Server::start();
    let mut client = server.connect();
    let request = |i| match i % 3 {
        0 => format!("GET /head/{i} HTTP/1.1\r\nhost: x\r\n\r\n"),
        1 => format!("POST /head/{i} HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\n\r\nabc"),
        _ => format!("POST /head/{i} HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"),
    };
    client.send((0..2_000).map(request).collect::<String>());
    client.send("GET /head/last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    let answers = client.read_all();
    let paths: Vec<_> = answers.split(" /head/").skip(1).map(|rest| rest.lines().next().unwrap_or_default()).collect();
    let expected: Vec<_> = (0..2_000).map(|i: u32| i.to_string()).chain(["last".to_owned()]).collect();
    assert_eq!(paths, expected);
}

/// A client that requests another protocol receives an error.
#[cfg(not(feature = "h2c"))]
#[test]
fn http2_is_refused() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert_eq!(client.read_all(), "");
}

/// After an upgrade the connection is the function's, and has no timeouts for requests.
#[test]
fn a_connection_is_upgraded() {
    let server = Server::start_in([("OMNIFN_TEST_PATIENCE", "200")]);
    let mut client = server.connect();
    client.send("GET /upgrade HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: echo\r\n\r\n");
    let answer = client.read_until("\r\n\r\n");
    assert!(answer.starts_with("HTTP/1.1 101 ") && answer.contains("upgrade: echo\r\n"), "{answer}");
    for word in ["one", "two"] {
        client.send(word);
        assert_eq!(client.read_until(word), word);
        std::thread::sleep(std::time::Duration::from_millis(600));
    }
}
