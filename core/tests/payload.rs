//! Waiting for a body, and no longer than its limit.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::{Frame, SizeHint};
use omnifn_core::{Body, ErrorKind, Payload};

mod support;

use support::block_on;

/// A body of given frames: `Err` breaks it off. It may say its length, truly or not.
struct Frames(std::vec::IntoIter<Result<Frame<Bytes>, &'static str>>, Option<u64>);

impl http_body::Body for Frames {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        Poll::Ready(self.0.next().map(|frame| frame.map_err(std::io::Error::other)))
    }

    fn size_hint(&self) -> SizeHint {
        self.1.map_or_else(SizeHint::default, SizeHint::with_exact)
    }
}

fn stream(chunks: &[&'static str], says: Option<u64>) -> Payload {
    let frames: Vec<_> = chunks.iter().map(|chunk| Ok(Frame::data(Bytes::from_static(chunk.as_bytes())))).collect();
    Payload::from(Body::new(Frames(frames.into_iter(), says)))
}

#[test]
fn collect() {
    let table: Vec<(&str, Payload, usize, Result<&str, ErrorKind>)> = vec![
        ("nothing", Payload::default(), 0, Ok("")),
        ("all of it, as long as the limit", "abc".into(), 3, Ok("abc")),
        ("all of it, one byte above", "abcd".into(), 3, Err(ErrorKind::TooLarge)),
        ("no chunk", stream(&[], None), 0, Ok("")),
        ("one chunk", stream(&["abc"], None), 3, Ok("abc")),
        ("several chunks", stream(&["a", "b", "c"], None), 3, Ok("abc")),
        ("empty chunks between", stream(&["", "a", "", "bc", ""], None), 3, Ok("abc")),
        ("several chunks, one byte above", stream(&["ab", "cd"], None), 3, Err(ErrorKind::TooLarge)),
        ("the first chunk is above", stream(&["abcd"], None), 3, Err(ErrorKind::TooLarge)),
        ("a length that fits", stream(&["abc"], Some(3)), 3, Ok("abc")),
        ("a length above the limit", stream(&["abc"], Some(4)), 3, Err(ErrorKind::TooLarge)),
        ("a length that lies", stream(&["abc", "d"], Some(3)), 3, Err(ErrorKind::TooLarge)),
        ("a length of eternity", stream(&["abc"], Some(u64::MAX)), usize::MAX - 1, Err(ErrorKind::TooLarge)),
    ];
    for (what, payload, limit, expected) in table {
        let collected = block_on(payload.collect(limit));
        match (collected, expected) {
            (Ok(bytes), Ok(text)) => assert_eq!(bytes, text, "{what}"),
            (Err(error), Err(kind)) => {
                assert_eq!(error.kind(), kind, "{what}: {error}");
                assert!(error.to_string().contains(&limit.to_string()), "{what}: {error}");
            }
            (collected, expected) => panic!("{what}: {collected:?}, expected {expected:?}"),
        }
    }
}

/// What is left of an endless body is not waited for.
#[test]
fn reading_ends_at_the_limit() {
    let frames: Vec<_> =
        (0..100).map(|i| if i < 4 { Ok(Frame::data(Bytes::from("ab"))) } else { Err("read on") }).collect();
    let error = block_on(Payload::from(Body::new(Frames(frames.into_iter(), None))).collect(6)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge, "{error}");
}

#[test]
fn a_body_that_breaks_off_is_no_body() {
    let frames = vec![Ok(Frame::data(Bytes::from("ab"))), Err("connection reset")];
    let error = block_on(Payload::from(Body::new(Frames(frames.into_iter(), None))).collect(100)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BrokenBody);
    assert_eq!(error.status_code(), 400);
    assert!(error.to_string().contains("connection reset"), "{error}");
}

#[test]
fn trailers_are_no_data() {
    let frames = vec![Ok(Frame::data(Bytes::from("ab"))), Ok(Frame::trailers(http::HeaderMap::new()))];
    let bytes = block_on(Payload::from(Body::new(Frames(frames.into_iter(), None))).collect(2)).unwrap();
    assert_eq!(bytes, "ab");
}

/// A body that comes in one piece is handed on, not copied.
#[test]
fn one_chunk_is_not_copied() {
    let chunk = Bytes::from(vec![7; 1000]);
    let whole = block_on(Payload::Whole(chunk.clone()).collect(1000)).unwrap();
    let streamed = block_on(Payload::Stream(Body::from(chunk.clone())).collect(1000)).unwrap();
    assert_eq!([whole.as_ptr(), streamed.as_ptr()], [chunk.as_ptr(); 2]);
}

#[test]
fn it_works_as_a_body() {
    use http_body::Body as _;
    let table: [(Payload, &str); 3] =
        [(Payload::default(), ""), ("abc".into(), "abc"), (stream(&["a", "bc"], None), "abc")];
    for (payload, expected) in table {
        let empty = payload.whole().is_some_and(Bytes::is_empty);
        let body = payload.into_body();
        assert_eq!(body.is_end_stream(), empty);
        assert_eq!(block_on(Payload::Stream(body).collect(10)).unwrap(), expected);
    }
}
