//! HTTP/2 without TLS, by prior knowledge, on the same port.

use bytes::Bytes;
use http::{Request, Version};
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::{net::TcpStream, runtime::Runtime};

use crate::Server;

/// Opens a connection and lets the client use it.
fn with_connection<B, Fut>(server: &Server, client: impl FnOnce(http2::SendRequest<B>) -> Fut)
where
    B: hyper::body::Body<Data = Bytes, Error: std::error::Error + Send + Sync> + Send + Unpin + 'static,
    Fut: Future<Output = ()>,
{
    Runtime::new().expect("a runtime").block_on(async {
        let stream = TcpStream::connect(("127.0.0.1", server.port)).await.expect("the server listens");
        let (sender, connection) =
            http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.expect("HTTP/2 is spoken");
        tokio::spawn(connection);
        client(sender).await;
    });
}

fn get(path: &str) -> Request<Full<Bytes>> {
    let uri = format!("http://api.example.com{path}");
    Request::builder().uri(uri).version(Version::HTTP_2).body(Full::default()).expect("a request")
}

#[test]
fn requests_share_a_connection() {
    let server = Server::start();
    with_connection(&server, |mut sender| async move {
        let requests: Vec<_> = (0..50).map(|_| sender.send_request(get("/sleep/200"))).collect();
        for request in requests {
            let body = request.await.expect("an answer").collect().await.expect("a body").to_bytes();
            assert_eq!(body, "slept");
        }
        let mut request = get("/head?q=1");
        request.headers_mut().append("cookie", "a=1".parse().expect("a value"));
        request.headers_mut().append("cookie", "b=2".parse().expect("a value"));
        let body = sender.send_request(request).await.expect("an answer").collect().await.expect("a body").to_bytes();
        let head = String::from_utf8_lossy(&body);
        assert!(head.starts_with("GET /head?q=1\n") && head.contains("host=\"api.example.com\""), "{head}");
        assert!(head.contains("cookie=\"a=1; b=2\""), "{head}");
    });
}

#[test]
fn bodies_stream_both_ways() {
    let server = Server::start();
    with_connection(&server, |mut sender| async move {
        let (pieces, body) = tokio::sync::mpsc::unbounded_channel::<Bytes>();
        let body = StreamBody::new(Receiver(body));
        let request = Request::post("http://x/pass").body(body).expect("a request");
        pieces.send("first".into()).expect("a stream");
        let mut answer = sender.send_request(request).await.expect("an answer").into_body();
        let first = answer.frame().await.expect("a frame").expect("a frame").into_data().expect("data");
        assert_eq!(first, "first");
        pieces.send("second".into()).expect("a stream");
        drop(pieces);
        assert_eq!(answer.collect().await.expect("a body").to_bytes(), "second");
    });
}

struct Receiver(tokio::sync::mpsc::UnboundedReceiver<Bytes>);

impl futures_core::Stream for Receiver {
    type Item = Result<hyper::body::Frame<Bytes>, std::convert::Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        self.0.poll_recv(cx).map(|piece| piece.map(|piece| Ok(hyper::body::Frame::data(piece))))
    }
}

#[test]
fn a_body_that_fails_resets_its_stream_alone() {
    let server = Server::start();
    with_connection(&server, |mut sender| async move {
        for path in ["/parts/some,20,!error", "/parts/some,20,!panic"] {
            let answer = sender.send_request(get(path)).await.expect("an answer");
            assert!(answer.into_body().collect().await.is_err(), "{path} ended well");
        }
        let fine = sender.send_request(get("/")).await.expect("the connection lives");
        assert_eq!(fine.into_body().collect().await.expect("a body").to_bytes(), "fine");
    });
}

#[test]
fn requests_in_flight_are_finished() {
    let server = Server::start();
    let process = &server.process;
    with_connection(&server, |mut sender| async move {
        let busy: Vec<_> = (0..50).map(|_| sender.send_request(get("/sleep/700"))).collect();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        process.signal("TERM");
        for request in busy {
            let body = request.await.expect("an answer").collect().await.expect("a body").to_bytes();
            assert_eq!(body, "slept");
        }
    });
    assert_eq!(server.process.wait().0, Some(0));
}

/// What HTTP/2 begins with, and an empty frame of settings.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00";

#[test]
fn the_preface_comes_in_any_pieces() {
    let server = Server::start();
    for cut in 0..PREFACE.len() {
        let mut client = server.connect();
        client.send(&PREFACE[..cut]);
        std::thread::sleep(std::time::Duration::from_millis(5));
        client.send(&PREFACE[cut..]);
        // The server's own settings.
        assert!(client.read_until("\u{4}\u{0}").contains("\u{4}\u{0}"), "cut at {cut}");
    }
}

/// Behind a request the preface ends the connection: a proxy in front may not know it.
#[test]
fn the_preface_comes_first() {
    let server = Server::start();
    let mut client = server.connect();
    client.send("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
    assert!(client.read_until("fine").ends_with("fine"));
    client.send(PREFACE);
    let answer = client.read_all();
    assert_eq!(answer, "");
}
