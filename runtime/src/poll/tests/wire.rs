//! What the client writes, byte for byte.

use std::{
    collections::VecDeque,
    pin::Pin,
    task::{Context, Poll},
};

use http_body::Frame;
use omnifn_core::{Error, ErrorKind};

use super::*;

/// A body of these frames; `Err` fails.
pub(super) struct Frames(pub(super) VecDeque<Result<Frame<Bytes>, String>>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        Poll::Ready(self.0.pop_front())
    }
}

fn frames(frames: impl IntoIterator<Item = Result<Frame<Bytes>, String>>) -> Body {
    Body::new(Frames(frames.into_iter().collect()))
}

fn data(text: &str) -> Result<Frame<Bytes>, String> {
    Ok(Frame::data(text.to_owned().into()))
}

const AGENT: &str = concat!("omnifn/", env!("CARGO_PKG_VERSION"));

#[test]
fn each_request_is_written_so() {
    let (keep, requests) = kept();
    let mut client = peer(move |_, peer| {
        for _ in 0..6 {
            keep(peer.request());
            peer.say(ACCEPTED);
        }
    });
    let host = client.api.endpoint.authority.to_str().unwrap().to_owned();
    run(async {
        let _none = client.next().await;
        client.reply(&to(), whole("")).await.unwrap();
        let mut other = to();
        other.invocation_id = Some(HeaderValue::from_static("again"));
        client.reply(&other, whole("hello")).await.unwrap();
        client.reply(&to(), Reply::failure("Runtime.Any", "why")).await.unwrap();
        client.failed_start("init/error", &Error::new(ErrorKind::Config, "why")).await;
        client.restore().await.unwrap();
    });
    let head = |first: &str, rest: &str| format!("{first} HTTP/1.1\r\nhost: {host}\r\nuser-agent: {AGENT}\r\n{rest}");
    let expected = [
        head("GET /2018-06-01/runtime/invocation/next", "\r\n"),
        head(
            "POST /2018-06-01/runtime/invocation/one/response",
            "content-type: text/plain\r\ncontent-length: 0\r\n\r\n",
        ),
        head(
            "POST /2018-06-01/runtime/invocation/one/response",
            "lambda-runtime-invocation-id: again\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello",
        ),
        head(
            "POST /2018-06-01/runtime/invocation/one/error",
            "content-type: application/json\r\nlambda-runtime-function-error-type: Runtime.Any\r\ncontent-length: 64\r\n\r\n\
             {\"errorMessage\":\"why\",\"errorType\":\"Runtime.Any\",\"stackTrace\":[]}",
        ),
        head(
            "POST /2018-06-01/runtime/init/error",
            "content-type: application/json\r\nlambda-runtime-function-error-type: Runtime.ConfigError\r\ncontent-length: 72\r\n\r\n\
             {\"errorMessage\":\"why\",\"errorType\":\"Runtime.ConfigError\",\"stackTrace\":[]}",
        ),
        head("GET /2018-06-01/runtime/restore/next", "\r\n"),
    ];
    let requests: Vec<_> = requests.try_iter().map(|request| String::from_utf8(request).unwrap()).collect();
    assert_eq!(requests, expected);
}

#[test]
fn a_stream_is_written_so() {
    let long = "x".repeat(20_000);
    let cases = [
        (frames([]), "0\r\n\r\n".to_owned()),
        (frames([data("a"), data(""), data("hello, world, hello")]), "1\r\na\r\n13\r\nhello, world, hello\r\n0\r\n\r\n".to_owned()),
        (frames([data("a"), data(&long), data("b")]), format!("1\r\na\r\n4e20\r\n{long}\r\n1\r\nb\r\n0\r\n\r\n")),
        (frames([data("a"), Ok(Frame::trailers(HeaderMap::from_iter([])))]), "1\r\na\r\n0\r\n\r\n".to_owned()),
        (
            frames([data("a"), Err("gone".to_owned()), data("b")]),
            "1\r\na\r\n0\r\nlambda-runtime-function-error-type: Function.StreamError\r\nlambda-runtime-function-error-body: \
             eyJlcnJvck1lc3NhZ2UiOiJ0aGUgcmVzcG9uc2UgYnJva2Ugb2ZmIGluIHRoZSBtaWRkbGU7IHRoZSBmdW5jdGlvbidzIGxvZyBzYXlzIHdoeSIsImVycm9yVHlwZSI6IkZ1bmN0aW9uLlN0cmVhbUVycm9yIiwic3RhY2tUcmFjZSI6W119\r\n\r\n"
                .to_owned(),
        ),
    ];
    for (body, expected) in cases {
        let (keep, requests) = kept();
        let mut client = peer(move |_, peer| {
            keep(peer.request());
            peer.say(ACCEPTED);
        });
        let host = client.api.endpoint.authority.to_str().unwrap().to_owned();
        assert_eq!(said(run(client.reply(&to(), streamed(body)))).0, 202);
        let request = String::from_utf8(requests.recv_timeout(PATIENCE).unwrap()).unwrap();
        let head = format!(
            "POST /2018-06-01/runtime/invocation/one/response HTTP/1.1\r\nhost: {host}\r\nuser-agent: {AGENT}\r\n\
             lambda-runtime-function-response-mode: streaming\r\n\
             trailer: Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body\r\n\
             transfer-encoding: chunked\r\n\r\n"
        );
        assert!(request == format!("{head}{expected}"), "{:.2000}", request);
    }
}

/// Sizes around those at which a body is no longer copied, to one who reads slowly.
#[test]
fn a_reply_of_any_size_comes_whole() {
    let sizes = [0, 1, 16 * 1024 - 1, 16 * 1024, 16 * 1024 + 1, 100_000, 5_000_000];
    let (keep, requests) = kept();
    let mut client = peer(move |_, peer| {
        for _ in sizes {
            thread::sleep(Duration::from_millis(20));
            keep(peer.request());
            peer.say(ACCEPTED);
        }
    });
    run(async {
        for size in sizes {
            let body: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            assert_eq!(said(client.reply(&to(), whole(body.clone())).await).0, 202, "{size}");
            let request = requests.recv_timeout(PATIENCE).unwrap();
            assert!(request.ends_with(&[b"\r\n\r\n", &body[..]].concat()), "{size}");
        }
    });
}

/// A piece is on its way before the next one is there.
#[test]
fn each_piece_of_a_stream_is_sent_as_it_comes() {
    let (told, is_told) = kept();
    let mut client = peer(move |_, peer| {
        let mut request = peer.head();
        told(());
        for word in ["first", "second", "third"] {
            let chunk = format!("{:x}\r\n{word}\r\n", word.len());
            while !request.ends_with(chunk.as_bytes()) {
                peer.byte(&mut request);
            }
            told(());
        }
        while !request.ends_with(b"0\r\n\r\n") {
            peer.byte(&mut request);
        }
        peer.say(ACCEPTED);
    });
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    thread::spawn(move || {
        for word in ["first", "second", "third"] {
            is_told.recv_timeout(PATIENCE).unwrap();
            sender.blocking_send(Bytes::from_static(word.as_bytes())).unwrap();
        }
    });
    assert_eq!(said(run(client.reply(&to(), streamed(Body::new(Channel(receiver)))))).0, 202);
}

/// What another thread sends.
pub(super) struct Channel(pub(super) tokio::sync::mpsc::Receiver<Bytes>);

impl http_body::Body for Channel {
    type Data = Bytes;
    type Error = String;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, String>>> {
        self.0.poll_recv(cx).map(|data| data.map(|data| Ok(Frame::data(data))))
    }
}
