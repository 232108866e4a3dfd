//! Bytes of all kinds, and the answers to them: `raw.txt`.

use std::{
    io::{ErrorKind, Read, Write},
    net::{Shutdown, SocketAddr, TcpStream},
    thread,
    time::{Duration, Instant},
};

use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::Server;

/// A case of `raw.txt`.
#[derive(Debug)]
struct Case {
    name: String,
    sent: Vec<u8>,
    /// Whether the client ends the connection after it.
    ends: bool,
    /// The statuses of the answers, and whether the connection lives on.
    expected: String,
    /// Parts of the answers.
    contained: Vec<String>,
}

fn cases() -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in include_str!("raw.txt").lines() {
        let (mark, text) = line.split_once(' ').unwrap_or((line, ""));
        match (mark, cases.last_mut()) {
            ("" | "#", _) => {}
            ("==", _) => cases.push(Case {
                name: text.to_owned(),
                sent: Vec::new(),
                ends: false,
                expected: String::new(),
                contained: Vec::new(),
            }),
            (">", Some(case)) => case.sent.extend(bytes(text)),
            (">|", Some(case)) => case.ends = true,
            ("<", Some(case)) => case.expected = text.to_owned(),
            ("=", Some(case)) => case.contained.push(text.to_owned()),
            _ => panic!("no line of a case: {line}"),
        }
    }
    cases
}

/// The bytes of a line: with `\r`, `\n`, `\0`, `\xFF`, `\\`, and `{a*70000}` for many of a kind.
fn bytes(text: &str) -> Vec<u8> {
    let (mut bytes, mut rest) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let mut length = first.len_utf8();
        match first {
            '\\' => {
                let escaped = rest[1..].chars().next().expect("an escape");
                length = 2;
                bytes.push(match escaped {
                    'r' => b'\r',
                    'n' => b'\n',
                    't' => b'\t',
                    '0' => 0,
                    'x' => {
                        length = 4;
                        u8::from_str_radix(&rest[2..4], 16).expect("two digits")
                    }
                    other => u8::try_from(other).expect("an escape"),
                });
            }
            '{' => {
                let end = rest.find('}').expect("an end");
                let (what, times) = rest[1..end].rsplit_once('*').expect("a number of times");
                bytes.extend(self::bytes(what).repeat(times.parse().expect("a number")));
                length = end + 1;
            }
            _ => bytes.extend(rest[..length].bytes()),
        }
        rest = &rest[length..];
    }
    bytes
}

/// Asked behind each case: whether it is answered shows whether the connection lives on.
const LAST: &[u8] = b"GET /reply HTTP/1.1\r\nhost: x\r\nconnection: close\r\nx-whole: the last\r\n\r\n";

/// What comes back for these pieces.
fn exchange(address: SocketAddr, pieces: &[&[u8]], ends: bool) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.set_nodelay(true).expect("a socket");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a socket");
    for (i, piece) in pieces.iter().enumerate() {
        if i > 0 {
            thread::sleep(Duration::from_millis(2));
        }
        // A server that has enough may have closed already.
        let _ = stream.write_all(piece);
    }
    if ends {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut came = Vec::new();
    match stream.read_to_end(&mut came) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => {
            panic!("{error} after {:?}", String::from_utf8_lossy(&came))
        }
        _ => came,
    }
}

/// The answers in one form: each head's lines in order, without the date, and lists in one line.
fn normal(came: &[u8]) -> String {
    let text: String = came.iter().map(|byte| char::from(*byte)).collect();
    let mut normal = String::new();
    for (i, answer) in text.split("HTTP/1.").enumerate() {
        if i == 0 {
            normal.push_str(answer);
            continue;
        }
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((answer, "(no end)"));
        let mut lines = head.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let mut lines: Vec<_> = lines
            .flat_map(|line| match line.strip_prefix("connection: ") {
                Some(list) => list.split(", ").map(|item| format!("connection: {item}")).collect(),
                None => vec![line.to_owned()],
            })
            .map(|line| if line.starts_with("date: ") { "date".to_owned() } else { line })
            .collect();
        lines.sort();
        normal.push_str(&format!("HTTP/1.{first}\n{}\n\n{body}\n", lines.join("\n")));
    }
    normal
}

/// The statuses, and whether the last request was answered.
fn statuses(normal: &str) -> String {
    let found = normal.lines().filter_map(|line| line.strip_prefix("HTTP/1."));
    let mut found: Vec<_> = found.filter_map(|line| line.split(' ').nth(1)).collect();
    let lives = normal.ends_with("\n\nthe last\n");
    if lives {
        found.pop();
    }
    found.push(if lives { "lives" } else { "ends" });
    found.join(" ")
}

#[test]
fn each_is_answered() {
    let mut server = Server::start();
    let address = SocketAddr::from(([127, 0, 0, 1], server.port));
    let mut wrong = Vec::new();
    for case in cases() {
        let sent = if case.ends { case.sent.clone() } else { [&case.sent[..], LAST].concat() };
        let answers = normal(&exchange(address, &[&sent], case.ends));
        let is_expected = case.expected == "?" || case.expected == statuses(&answers);
        if !is_expected || !case.contained.iter().all(|part| answers.contains(part)) {
            wrong.push(format!(
                "== {}: expected {} and {:?}, got {}\n{answers}",
                case.name,
                case.expected,
                case.contained,
                statuses(&answers)
            ));
        }
        server.process.assert_alive(&case.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// However the bytes are cut, they are the same bytes.
#[test]
fn any_split_is_the_same() {
    let server = Server::start();
    let address = SocketAddr::from(([127, 0, 0, 1], server.port));
    // What is sent back as it arrives is cut as it arrives, and whether a body that is not read has arrived depends on time.
    let is_apart = |case: &Case| {
        [b"/pass", b"100-c", b"ST / ", b"size/"].iter().any(|part| case.sent.windows(5).any(|at| at == *part))
    };
    let is_taken = |case: &Case| !case.ends && case.expected != "?" && case.sent.len() < 10_000 && !is_apart(case);
    let cases: Vec<_> = cases().into_iter().filter(is_taken).collect();
    let whole: Vec<_> =
        cases.iter().map(|case| normal(&exchange(address, &[&[&case.sent[..], LAST].concat()], false))).collect();
    let cuts = (0..cases.len(), prop::collection::vec(any::<prop::sample::Index>(), 1..6));
    let mut runner = TestRunner::new(Config { cases: 300, failure_persistence: None, ..Config::default() });
    runner
        .run(&cuts, |(case, cuts)| {
            let sent = [&cases[case].sent[..], LAST].concat();
            let mut cuts: Vec<_> = cuts.iter().map(|cut| cut.index(sent.len())).collect();
            cuts.extend([0, sent.len()]);
            cuts.sort_unstable();
            let pieces: Vec<_> = cuts.windows(2).map(|ends| &sent[ends[0]..ends[1]]).collect();
            let came = normal(&exchange(address, &pieces, false));
            prop_assert_eq!(&came, &whole[case], "{}, cut at {:?}", cases[case].name, cuts);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// Bytes that mean nothing end their own connection, and nothing else.
#[test]
fn any_bytes_are_survived() {
    let mut server = Server::start();
    let address = SocketAddr::from(([127, 0, 0, 1], server.port));
    let cases: Vec<_> = cases().into_iter().filter(|case| case.sent.len() < 10_000).collect();
    let change = (any::<prop::sample::Index>(), any::<u8>(), 0..4_u8);
    let mutated = (0..cases.len(), prop::collection::vec(change, 0..8)).prop_map(move |(case, changes)| {
        let mut sent = cases[case].sent.clone();
        for (at, byte, kind) in changes {
            let at = at.index(sent.len().max(1));
            match kind {
                _ if at >= sent.len() => sent.push(byte),
                0 => sent[at] = byte,
                1 => sent.insert(at, byte),
                2 => drop(sent.remove(at)),
                _ => sent.truncate(at),
            }
        }
        sent
    });
    let bytes = prop_oneof![4 => mutated, 1 => prop::collection::vec(any::<u8>(), 0..300)];
    let mut runner = TestRunner::new(Config { cases: 1500, failure_persistence: None, ..Config::default() });
    runner
        .run(&bytes, |sent| {
            let started = Instant::now();
            let came = exchange(address, &[&sent], true);
            prop_assert!(came.is_empty() || came.starts_with(b"HTTP/1."), "{:?}", String::from_utf8_lossy(&came));
            prop_assert!(started.elapsed() < Duration::from_secs(10), "it hangs");
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    server.process.assert_alive("after bytes of all kinds");
    assert!(server.connect().get("/").ends_with("fine"));
}
