//! How connections end, and what they keep meanwhile.

use std::{
    io::{ErrorKind, Read, Write},
    net::TcpStream,
    thread::sleep,
    time::Duration,
};

use crate::Server;

fn impatient() -> Server {
    Server::start_in([("OMNIFN_TEST_START", "well"), ("OMNIFN_TEST_PATIENCE", "300")])
}

fn connect(server: &Server) -> TcpStream {
    let stream = TcpStream::connect(("127.0.0.1", server.port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    stream
}

/// All that comes until the end, and whether the end is a clean one.
fn to_the_end(stream: &mut TcpStream) -> (Vec<u8>, bool) {
    let (mut came, mut buffer) = (Vec::new(), [0; 16 * 1024]);
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => return (came, true),
            Ok(n) => came.extend_from_slice(&buffer[..n]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return (came, false),
            Err(error) => panic!("{error} after {} bytes", came.len()),
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_idle_connection_keeps_no_reply() {
    const LENGTH: usize = 1_000_000;
    let server = Server::start();
    let mut all = Vec::new();
    for _ in 0..100 {
        let mut stream = connect(&server);
        write!(stream, "GET /large/{LENGTH} HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
        let (mut came, mut buffer) = (0, [0; 64 * 1024]);
        while came < LENGTH {
            came += stream.read(&mut buffer).unwrap();
        }
        all.push(stream);
    }
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.process.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kilobytes < 50_000, "{kilobytes} kB");
}

/// What was not read would end the connection before the reply has arrived.
#[test]
fn a_reply_survives_bytes_behind_its_request() {
    let server = Server::start();
    for behind in ["\r\n", "GET / HTTP/1.1\r\nhost: x\r\n\r\n"] {
        let mut stream = connect(&server);
        stream.write_all(b"POST /large/9000000 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        sleep(Duration::from_millis(50));
        stream.write_all(behind.as_bytes()).unwrap();
        sleep(Duration::from_millis(300));
        let (came, is_clean) = to_the_end(&mut stream);
        assert!(came.len() > 9_000_000 && is_clean, "{} bytes, {is_clean}", came.len());
    }
}

/// Where the end of the connection is the end of the reply, one that was cut off does not end so.
#[test]
fn a_truncated_response_is_recognizable() {
    let server = impatient();
    let mut stream = connect(&server);
    stream.write_all(b"GET /pieces/50000 HTTP/1.0\r\nhost: x\r\n\r\n").unwrap();
    sleep(Duration::from_millis(2_000));
    let (came, is_clean) = to_the_end(&mut stream);
    assert!(came.len() < 50_000_000 && !is_clean, "{} bytes, {is_clean}", came.len());
}

/// A client that received no `100 Continue` may send the next request instead of the body.
#[test]
fn a_body_that_was_not_asked_for_ends_the_connection() {
    let server = impatient();
    for path in ["/later", "/fine", "/glance"] {
        let mut stream = connect(&server);
        write!(stream, "POST {path} HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 29\r\n\r\n")
            .unwrap();
        let (came, _) = to_the_end(&mut stream);
        let came = String::from_utf8_lossy(&came);
        assert!(came.starts_with("HTTP/1.1 200 ") && !came.contains("100"), "{path}: {came}");
    }
}

#[test]
fn the_patience_with_an_empty_line_ends_with_it() {
    let server = impatient();
    let mut stream = connect(&server);
    for (part, wait) in
        [("\r", 100), ("\n", 600), ("GET / HT", 50), ("TP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", 0)]
    {
        stream.write_all(part.as_bytes()).unwrap();
        sleep(Duration::from_millis(wait));
    }
    let (came, _) = to_the_end(&mut stream);
    assert!(came.ends_with(b"fine"), "{}", String::from_utf8_lossy(&came));
}

/// A thread without the server's clock reads a body that comes slowly.
#[test]
fn a_body_is_read_outside_of_the_runtime() {
    let server = Server::start();
    let mut stream = connect(&server);
    let head = "POST /aside HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 6\r\n\r\n";
    for part in [head, "abc", "def"] {
        stream.write_all(part.as_bytes()).unwrap();
        sleep(Duration::from_millis(200));
    }
    let (came, _) = to_the_end(&mut stream);
    assert!(came.ends_with(b"\r\n\r\n6"), "{}", String::from_utf8_lossy(&came));
}
