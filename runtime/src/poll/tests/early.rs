//! The API answers before it has the reply, or goes away meanwhile.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use http_body::Frame;

use super::*;

const TOO_LARGE: &str = "HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig";

/// A body without an end.
struct Endless(mpsc::Sender<()>);

impl http_body::Body for Endless {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(&[b'x'; 1000])))))
    }
}

impl Drop for Endless {
    fn drop(&mut self) {
        let _ = self.0.send(());
    }
}

/// More than the system takes when nobody reads it.
fn huge() -> Reply {
    whole(vec![b'x'; 64 * 1024 * 1024])
}

#[test]
fn a_refusal_ends_the_writing() {
    for (closes, pieces) in [(false, 1), (false, 2), (true, 1)] {
        for endless in [false, true] {
            let mut client = peer(move |_, peer| {
                peer.head();
                if pieces == 1 {
                    peer.say(TOO_LARGE)
                } else {
                    peer.say_cut(TOO_LARGE.as_bytes(), 20)
                }
                if !closes {
                    thread::sleep(PATIENCE);
                }
            });
            let (sender, ended) = mpsc::channel();
            let reply = if endless { streamed(Body::new(Endless(sender))) } else { huge() };
            let answer = said(run(client.reply(&to(), reply)));
            let what = format!("closes: {closes}, pieces: {pieces}, endless: {endless}");
            // What is unread when a socket is closed takes what was said with it, or not.
            let is_gone = closes && answer.0 == 0 && answer.1.contains("the connection to the Runtime API failed");
            assert!(answer == (413, ": \"big\"".to_owned()) || is_gone, "{what}: {answer:?}");
            if endless {
                ended.recv_timeout(PATIENCE).unwrap();
            }
        }
    }
}

#[test]
fn who_has_accepted_a_reply_gets_the_rest_of_it() {
    let (keep, lengths) = kept();
    let mut client = peer(move |_, peer| {
        for _ in 0..2 {
            let mut request = peer.head();
            let length = request.len();
            peer.say("HTTP/1.1 100 Continue\r\n\r\n");
            peer.say(ACCEPTED);
            thread::sleep(Duration::from_millis(50));
            request.resize(length + 64 * 1024 * 1024, 0);
            peer.0.read_exact(&mut request[length..]).unwrap();
            keep(request.len() - length);
        }
    });
    run(async {
        for _ in 0..2 {
            assert_eq!(said(client.reply(&to(), huge()).await), (202, String::new()));
            assert_eq!(lengths.recv_timeout(PATIENCE).unwrap(), 64 * 1024 * 1024);
        }
    });
}

/// Only an announcement: the body is written all the same, and the answer is the one behind it.
#[test]
fn what_is_announced_early_stops_nothing() {
    let mut client = peer(move |_, peer| {
        let mut request = peer.head();
        peer.say("HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n");
        let length = request.len();
        request.resize(length + 64 * 1024 * 1024, 0);
        peer.0.read_exact(&mut request[length..]).unwrap();
        peer.say(ACCEPTED);
    });
    assert_eq!(said(run(client.reply(&to(), huge()))), (202, String::new()));
}

/// However much of it was read: it is sent once more, and then it is told that it was not sent.
#[test]
fn a_reply_that_nobody_reads_to_its_end_is_told() {
    for read in [1, 1000, 1_000_000] {
        let (keep, connections) = kept();
        let mut client = peer(move |number, peer| {
            keep(number);
            peer.0.read_exact(&mut vec![0; read]).unwrap();
        });
        let (status, why) = said(run(client.reply(&to(), huge())));
        assert!(status == 0 && why.starts_with("the connection to the Runtime API failed: "), "{read}: {status} {why}");
        assert_eq!(connections.try_iter().collect::<Vec<_>>(), [0, 1], "{read}");
    }
}

/// What the API says to a reply is read for a second, and the reply has arrived.
#[test]
fn an_answer_without_an_end_is_not_waited_for() {
    let mut client = peer(|number, peer| {
        peer.request();
        if number == 0 {
            peer.say("HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\nand");
            thread::sleep(PATIENCE);
        }
        peer.say("HTTP/1.1 200 OK\r\ncontent-length: 0\r\nlambda-runtime-aws-request-id: one\r\n\r\n");
    });
    run(async {
        assert_eq!(said(client.reply(&to(), whole("hello")).await), (202, String::new()));
        assert_eq!(shown(client.next().await).unwrap().0, "");
    });
}
