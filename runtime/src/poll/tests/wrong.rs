//! A peer that is no Runtime API: each mistake has its words, and nothing of it becomes the answer to something else.

use std::net::Shutdown;

use super::*;

const EVENT: &str = "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: one\r\ncontent-length: 5\r\n\r\nhello";

/// The connection stays open: whoever waited for more would wait for ever.
#[test]
fn what_cannot_be_read_is_told_at_once() {
    let head = "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: one\r\n";
    let many = "x: 1\r\n".repeat(101);
    let long = format!("x: {}", "1".repeat(64 * 1024));
    let cases = [
        ("+OK", "its version is not HTTP/1.0 or HTTP/1.1"),
        ("SSH-2.0-OpenSSH_9.2\r\n", "its version is not HTTP/1.0 or HTTP/1.1"),
        ("\0\0\0", "its version is not HTTP/1.0 or HTTP/1.1"),
        ("HTTP/2 200\r\n", "its version is not HTTP/1.0 or HTTP/1.1"),
        ("HTTP/1.1 2000 OK\r\n", "its status is none"),
        ("HTTP/1.1 20", ""),
        ("HTTP/1.1 099 OK\r\n\r\n", "its status is none"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n", "the name of a header is none"),
        ("HTTP/1.1 200 OK\r\na: \0\r\n", "the value of a header is none"),
        (&format!("HTTP/1.1 200 OK\r\n{many}"), "more than 100 header lines"),
        (&format!("HTTP/1.1 200 OK\r\n{long}"), "the head of its answer is longer than 64 KiB"),
        (&format!("HTTP/1.1 200 OK\r\n{long}\r\n\r\n"), "the head of its answer is longer than 64 KiB"),
        (&format!("{head}content-length: many\r\n\r\n"), "its content-length is no number"),
        (&format!("{head}content-length: -1\r\n\r\n"), "its content-length is no number"),
        (&format!("{head}content-length: 1\r\ncontent-length: 2\r\n\r\n"), "its length is said in two ways"),
        (&format!("{head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n"), "its length is said in two ways"),
        (&format!("{head}transfer-encoding: gzip\r\n\r\n"), "its transfer-encoding is not `chunked` alone"),
        (
            &format!("{head}content-length: 268435457\r\n\r\n"),
            "one is broken: the Runtime API sent a body above the limit of 268435456 bytes",
        ),
        (&format!("{head}content-length: 18446744073709551615\r\n\r\n"), "above the limit of 268435456 bytes"),
        (
            &format!("{head}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n"),
            "above the limit of 268435456 bytes",
        ),
        (
            &format!("{head}transfer-encoding: chunked\r\n\r\nx"),
            "one is broken: the connection to the Runtime API failed: its answer cannot be read: the size of a chunk",
        ),
        (&format!("{head}transfer-encoding: chunked\r\n\r\n1\r\nab"), "a chunk is longer than its size says"),
        (&format!("{head}transfer-encoding: chunked\r\n\r\n0\r\na b\r\n\r\n"), "a trailer is none"),
    ];
    let mut others = Vec::new();
    for (bytes, part) in cases {
        let text = bytes.to_owned();
        let mut client = peer(move |_, peer| {
            peer.request();
            peer.say(&text);
            if !part.is_empty() {
                thread::sleep(PATIENCE);
            }
        });
        let why = shown(run(client.next())).unwrap_err();
        if !why.contains(part) || !why.contains("the Runtime API") {
            others.push(format!("{bytes:.100?}: {why}"));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

#[test]
fn what_follows_an_answer_is_no_answer() {
    let mores = ["x", "\r\n", "HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: two\r\ncontent-length: 3\r\n\r\nbad"];
    // One is read in one piece, the other is not.
    for length in [5, 100_000] {
        for more in mores {
            for late in [false, true] {
                follow(length, more, late);
            }
        }
    }
}

fn follow(length: usize, more: &'static str, late: bool) {
    let event = "x".repeat(length);
    let answer =
        format!("HTTP/1.1 200 OK\r\nlambda-runtime-aws-request-id: one\r\ncontent-length: {length}\r\n\r\n{event}");
    let (keep, requests) = kept();
    let (told, is_said) = kept();
    let mut client = peer(move |number, peer| {
        for _ in 0..2 {
            keep((number, peer.request()));
            if number > 0 {
                peer.say(&answer);
                continue;
            }
            if late {
                peer.say(&answer);
                thread::sleep(Duration::from_millis(10));
                peer.say(more);
            } else {
                peer.say([&answer, more].concat());
            }
            told(());
        }
    });
    run(async {
        assert_eq!(shown(client.next().await).unwrap().0, event);
        is_said.recv_timeout(PATIENCE).unwrap();
        // The runtime looks what is there.
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(shown(client.next().await).unwrap().0, event, "{more:?}");
        assert_eq!(shown(client.next().await).unwrap().0, event, "{more:?}");
    });
    let used: Vec<_> = requests.try_iter().map(|(number, _)| number).collect();
    assert_eq!(used, [0, 1, 1], "{length}, {more:?}, late: {late}");
}

/// It was idle for too long. Nothing was sent on it, so nothing is lost, and nothing is told.
#[test]
fn a_connection_that_was_closed_is_no_failure() {
    let (keep, requests) = kept();
    let (told, is_closed) = kept();
    let mut client = peer(move |number, peer| {
        keep((number, peer.request()));
        peer.say(EVENT);
        peer.0.shutdown(Shutdown::Both).unwrap();
        told(());
    });
    run(async {
        for _ in 0..3 {
            assert_eq!(shown(client.next().await).unwrap().0, "hello");
            is_closed.recv_timeout(PATIENCE).unwrap();
            // The runtime looks what is there.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(said(client.reply(&to(), whole("hello")).await).0, 200);
    });
    assert_eq!(requests.try_iter().map(|(number, _)| number).collect::<Vec<_>>(), [0, 1, 2, 3]);
}

/// A body that no answer of this status has, and other things that are no events.
#[test]
fn what_is_no_event_is_told() {
    let cases = [
        ("HTTP/1.1 204 No Content\r\n\r\n", "nothing"),
        ("HTTP/1.1 204 No Content\r\ncontent-length: 10\r\n\r\n", "nothing"),
        ("HTTP/1.1 304 Not Modified\r\ncontent-length: 10\r\n\r\n", "answered 304 to `next`"),
        ("HTTP/1.1 101 Switching\r\nupgrade: any\r\n\r\n", "answered 101 to `next`"),
        ("HTTP/1.1 500 Oh\r\ncontent-length: 2\r\n\r\nno", "answered 500 to `next`: \"no\""),
        ("HTTP/1.1 500 Oh\r\ntransfer-encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n", "answered 500 to `next`: \"no\""),
        ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno", "without the header lambda-runtime-aws-request-id"),
        ("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", "nothing"),
    ];
    let mut client = peer(move |number, peer| {
        let mut begin = [0];
        while peer.0.peek(&mut begin).unwrap_or(0) == 1 {
            peer.request();
            peer.say(if number == 0 { cases[0].0 } else { EVENT });
        }
    });
    run(async {
        assert_eq!(shown(client.next().await).unwrap_err(), "nothing");
        assert_eq!(shown(client.next().await).unwrap_err(), "nothing");
    });
    for (bytes, part) in cases {
        let mut client = peer(move |_, peer| {
            peer.request();
            peer.say(bytes);
            thread::sleep(PATIENCE);
        });
        let why = shown(run(client.next())).unwrap_err();
        assert!(why.contains(part), "{bytes:?}: {why}");
    }
}
