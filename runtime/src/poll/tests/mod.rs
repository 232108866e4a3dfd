//! The client against a peer that says, byte for byte, what a test wants, and keeps what it was sent.

mod cut;
mod early;
mod pipelined;
mod wire;
mod wrong;

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue};
use omnifn_core::{Body, Payload};

use super::{
    client::{Answer, Client, Next, RuntimeApi},
    endpoint::Endpoint,
    message::{Reply, ReplyTo},
};

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// One connection, on the side of the API.
struct Peer(TcpStream);

impl Peer {
    /// Reads one request as it is on the wire.
    fn request(&mut self) -> Vec<u8> {
        let mut request = self.head();
        let head = String::from_utf8_lossy(&request).into_owned();
        if let Some(length) = head.split("\r\n").find_map(|line| line.strip_prefix("content-length: ")) {
            let at = request.len();
            request.resize(at + length.parse::<usize>().unwrap(), 0);
            self.0.read_exact(&mut request[at..]).unwrap();
        } else if head.contains("transfer-encoding: chunked") {
            // No chunk of these tests looks like the last one.
            let last =
                |request: &[u8]| request.ends_with(b"\r\n\r\n") && request.windows(5).any(|five| five == b"\r\n0\r\n");
            while !last(&request) {
                self.byte(&mut request);
            }
        }
        request
    }

    /// Reads the head of a request alone.
    fn head(&mut self) -> Vec<u8> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            self.byte(&mut head);
        }
        head
    }

    fn byte(&mut self, to: &mut Vec<u8>) {
        let mut byte = [0];
        // Nobody sends anything any more where a test is over.
        self.0.read_exact(&mut byte).unwrap_or_else(|_| panic!("after {:?}", String::from_utf8_lossy(to)));
        to.extend_from_slice(&byte);
    }

    fn say(&mut self, bytes: impl AsRef<[u8]>) {
        // Whoever has what it wants may be gone.
        let _ = self.0.write_all(bytes.as_ref());
    }

    /// Says it in two pieces, with time to read the first.
    fn say_cut(&mut self, bytes: &[u8], at: usize) {
        self.say(&bytes[..at]);
        thread::sleep(Duration::from_millis(1));
        self.say(&bytes[at..]);
    }
}

/// A peer that does this with each connection, whose number it is told, and then closes it.
fn peer(act: impl Fn(usize, &mut Peer) + Send + Sync + 'static) -> Client {
    Client::new(api(act))
}

fn api(act: impl Fn(usize, &mut Peer) + Send + Sync + 'static) -> Arc<RuntimeApi> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = Endpoint::parse(&listener.local_addr().unwrap().to_string()).unwrap();
    let act = Arc::new(act);
    thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let (stream, act) = (stream.unwrap(), act.clone());
            stream.set_nodelay(true).unwrap();
            thread::spawn(move || act(number, &mut Peer(stream)));
        }
    });
    Arc::new(RuntimeApi::new(endpoint, true))
}

/// Runs a test, which ends.
fn run<T>(test: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async { tokio::time::timeout(PATIENCE, test).await.expect("it waits in vain") })
}

/// What the client says to an answer to `next`.
fn shown(next: Result<Next, String>) -> Result<(String, HeaderMap), String> {
    match next {
        Ok(Next::Event { to, head, event }) => {
            assert_eq!(to.request_id, "one");
            Ok((String::from_utf8_lossy(&event).into_owned(), head))
        }
        Ok(Next::Broken { to, why }) => Err(format!("{} is broken: {why}", to.request_id)),
        Ok(Next::Nothing) => Err("nothing".to_owned()),
        Err(why) => Err(why),
    }
}

fn to() -> ReplyTo {
    ReplyTo { request_id: "one".to_owned(), invocation_id: None }
}

fn whole(body: impl Into<Bytes>) -> Reply {
    Reply {
        error_type: None,
        content_type: Some(HeaderValue::from_static("text/plain")),
        payload: Payload::Whole(body.into()),
    }
}

fn streamed(body: Body) -> Reply {
    Reply { error_type: None, content_type: None, payload: Payload::Stream(body) }
}

fn said(answer: Result<Answer, String>) -> (u16, String) {
    answer.map_or_else(|why| (0, why), |Answer { status, text }| (status.as_u16(), text))
}

/// What comes of a list that another thread adds to.
fn kept<T: Send + 'static>() -> (impl Fn(T) + Clone + Send + Sync, mpsc::Receiver<T>) {
    let (sender, receiver) = mpsc::channel();
    let sender = Arc::new(Mutex::new(sender));
    // Who does not look any more has what it wants.
    (move |it| drop(sender.lock().unwrap().send(it)), receiver)
}

const ACCEPTED: &str = "HTTP/1.1 202 Accepted\r\ncontent-length: 16\r\n\r\n{\"status\":\"OK\"}\n";
