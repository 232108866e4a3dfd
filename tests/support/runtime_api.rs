//! A Lambda Runtime API for tests: sends configured responses, byte for byte, and records the requests.
//!
//! Threads and blocking sockets alone, so that any test can use it by `#[path]`.

use std::{
    collections::VecDeque,
    fmt::Write as _,
    io::{self, BufRead, BufReader, ErrorKind, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

/// Far longer than anything takes, so that a test which waits in vain ends.
const PATIENCE: Duration = Duration::from_secs(120);

/// The API. It ends when it is dropped.
pub(crate) struct RuntimeApi {
    shared: Arc<Shared>,
    address: SocketAddr,
}

/// The response to a `GET …/next`.
#[derive(Debug, Clone)]
pub(crate) struct Next {
    bytes: Vec<u8>,
    close: bool,
}

/// The response to any other request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// A status, with a small JSON body.
    Status(u16),
    /// 200 with a header, and the body that an extension gets when it registers.
    Header(&'static str, &'static str),
    /// Nothing, and the connection stays open.
    Never,
    /// Nothing: it reads the request and closes the connection.
    Close,
    /// The same, but it reads only the head.
    CloseUnread,
    /// A status after the head alone, and the connection stays open. What follows of the body is read afterwards.
    Early(u16),
}

/// A request that the API was sent.
#[derive(Debug, Clone)]
pub(crate) struct Request {
    /// Counted from 0.
    pub(crate) connection: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
    /// As it was on the wire, with the chunks' frames.
    pub(crate) raw_body: Vec<u8>,
    pub(crate) trailers: Vec<(String, String)>,
    /// The body was received completely.
    pub(crate) complete: bool,
}

impl Request {
    /// The value of a header that was received exactly once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.iter().filter(|(n, _)| n == name);
        let first = values.next()?;
        assert!(values.next().is_none(), "{name} was received twice");
        std::str::from_utf8(&first.1).ok()
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or("(not UTF-8)")
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    next: VecDeque<Next>,
    answers: Vec<(String, VecDeque<Answer>)>,
    requests: Vec<Request>,
    connections: usize,
    stopped: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Next {
    /// An event as the platform sends it.
    pub(crate) fn event(id: &str, body: impl AsRef<[u8]>) -> Self {
        Next::with_head(
            &[
                ("lambda-runtime-aws-request-id", id.as_bytes()),
                ("lambda-runtime-deadline-ms", b"9999999999999"),
                ("lambda-runtime-invoked-function-arn", b"arn:aws:lambda:eu-west-1:123456789012:function:act"),
                ("lambda-runtime-trace-id", b"Root=1-67891233-abcdef012345678912345678;Sampled=1"),
            ],
            body,
        )
    }

    /// An event with these headers alone.
    pub(crate) fn with_head(head: &[(&str, &[u8])], body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let mut bytes = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n", body.len()).into_bytes();
        for (name, value) in head {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        bytes.extend_from_slice(body);
        Next { bytes, close: false }
    }

    /// With one more header.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        let at = self.bytes.windows(2).position(|w| w == b"\r\n").unwrap_or_default() + 2;
        let line = [name.as_bytes(), b": ", value.as_ref(), b"\r\n"].concat();
        self.bytes.splice(at..at, line);
        self
    }

    /// A status without an event.
    pub(crate) fn status(status: u16) -> Self {
        let body = if status == 204 { String::new() } else { format!(r#"{{"errorType":"Status{status}"}}"#) };
        let length = if status == 204 { String::new() } else { format!("content-length: {}\r\n", body.len()) };
        Next::raw(format!("HTTP/1.1 {status} Said\r\n{length}\r\n{body}"))
    }

    /// Any bytes.
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Next { bytes: bytes.into(), close: false }
    }

    /// The same, and then the connection is closed.
    pub(crate) fn closing(mut self) -> Self {
        self.close = true;
        self
    }

    /// Whether the connection is closed after it.
    #[allow(dead_code, reason = "not every test asks")]
    pub(crate) fn closes(&self) -> bool {
        self.close
    }

    /// Without so many bytes at the end; then the connection is closed.
    pub(crate) fn cut(mut self, bytes: usize) -> Self {
        self.bytes.truncate(self.bytes.len().saturating_sub(bytes));
        self.closing()
    }
}

impl RuntimeApi {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let shared = Arc::new(Shared::default());
        let for_threads = shared.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let shared = for_threads.clone();
                let number = {
                    let mut state = shared.lock();
                    if state.stopped {
                        break;
                    }
                    state.connections += 1;
                    state.connections - 1
                };
                if let Ok(stream) = stream {
                    // A peer that disconnects ends the connection, which is not a failure of the API.
                    thread::spawn(move || serve(&shared, stream, number));
                }
            }
        });
        RuntimeApi { shared, address }
    }

    /// `host:port`, as on Lambda.
    pub(crate) fn address(&self) -> String {
        self.address.to_string()
    }

    /// Adds a response to the next `GET …/next`.
    pub(crate) fn push(&self, next: Next) {
        self.shared.lock().next.push_back(next);
        self.shared.changed.notify_all();
    }

    /// Sets the responses to the requests whose path ends so, one after another. Everything else is 202, or 200 to a GET.
    pub(crate) fn answer(&self, path_end: &str, answers: impl IntoIterator<Item = Answer>) {
        self.shared.lock().answers.push((path_end.to_owned(), answers.into_iter().collect()));
    }

    /// All requests so far.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// Waits until the requests hold what is looked for.
    pub(crate) fn wait<T>(&self, what: &str, find: impl Fn(&[Request]) -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        let mut state = self.shared.lock();
        loop {
            if let Some(found) = find(&state.requests) {
                return found;
            }
            assert!(Instant::now() < until, "waited in vain for {what}; requests: {}", list(&state.requests));
            let waited = self.shared.changed.wait_timeout(state, Duration::from_secs(1));
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Waits for a request whose path ends so.
    pub(crate) fn wait_for(&self, path_end: &str) -> Request {
        self.wait(path_end, |requests| requests.iter().find(|r| r.path.ends_with(path_end)).cloned())
    }

    /// The paths of the requests that are posts for an invocation.
    pub(crate) fn posts_for(&self, id: &str) -> Vec<Request> {
        let part = format!("/invocation/{id}/");
        self.requests().into_iter().filter(|r| r.path.contains(&part)).collect()
    }
}

impl Drop for RuntimeApi {
    fn drop(&mut self) {
        self.shared.lock().stopped = true;
        self.shared.changed.notify_all();
        // Wakes the listener, so that it sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn list(requests: &[Request]) -> String {
    let mut text = String::new();
    for request in requests {
        let body = String::from_utf8_lossy(&request.body).chars().take(200).collect::<String>();
        let _ = write!(text, "\n  #{} {} {} {body}", request.connection, request.method, request.path);
    }
    text
}

fn serve(shared: &Shared, stream: TcpStream, connection: usize) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut writer = stream;
    while let Some(mut request) = read_head(&mut reader, connection)? {
        if request.path.ends_with("/invocation/next") {
            keep(shared, request);
            let Some(next) = wait_for_next(shared, &writer)? else { break };
            writer.write_all(&next.bytes)?;
            if next.close {
                break;
            }
            continue;
        }
        let answer = {
            let mut state = shared.lock();
            let scripted =
                state.answers.iter_mut().find(|(end, answers)| request.path.ends_with(&**end) && !answers.is_empty());
            let default = Answer::Status(if request.method == "GET" { 200 } else { 202 });
            scripted.and_then(|(_, answers)| answers.pop_front()).unwrap_or(default)
        };
        match answer {
            Answer::CloseUnread => {
                keep(shared, request);
                break;
            }
            Answer::Early(status) => {
                let at = keep(shared, request.clone());
                write_status(&mut writer, status)?;
                let read = read_body(&mut reader, &mut request);
                shared.lock().requests[at] = request;
                read?;
            }
            Answer::Close => {
                let read = read_body(&mut reader, &mut request);
                keep(shared, request);
                read?;
                break;
            }
            Answer::Header(name, value) => {
                read_body(&mut reader, &mut request)?;
                keep(shared, request);
                let body = r#"{"functionName":"act","functionVersion":"$LATEST","handler":"bootstrap"}"#;
                let length = body.len();
                writer.write_all(
                    format!("HTTP/1.1 200 OK\r\n{name}: {value}\r\ncontent-length: {length}\r\n\r\n{body}").as_bytes(),
                )?;
            }
            Answer::Never => {
                keep(shared, request);
                while !shared.lock().stopped && !is_closed(&writer)? {
                    thread::sleep(Duration::from_millis(20));
                }
                break;
            }
            Answer::Status(status) => {
                let read = read_body(&mut reader, &mut request);
                keep(shared, request);
                read?;
                write_status(&mut writer, status)?;
            }
        }
    }
    writer.shutdown(Shutdown::Both)
}

/// Records a request, and returns its index.
fn keep(shared: &Shared, request: Request) -> usize {
    let mut state = shared.lock();
    state.requests.push(request);
    shared.changed.notify_all();
    state.requests.len() - 1
}

/// The next thing to say, as soon as there is one; `None` where the one who asked is gone, or all is over.
fn wait_for_next(shared: &Shared, stream: &TcpStream) -> io::Result<Option<Next>> {
    let mut state = shared.lock();
    loop {
        if state.stopped || is_closed(stream)? {
            return Ok(None);
        }
        if let Some(next) = state.next.pop_front() {
            return Ok(Some(next));
        }
        let waited = shared.changed.wait_timeout(state, Duration::from_secs(1));
        state = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}

fn is_closed(stream: &TcpStream) -> io::Result<bool> {
    stream.set_nonblocking(true)?;
    let peeked = stream.peek(&mut [0]);
    stream.set_nonblocking(false)?;
    Ok(match peeked {
        Ok(n) => n == 0,
        Err(error) => error.kind() != ErrorKind::WouldBlock,
    })
}

fn write_status(writer: &mut TcpStream, status: u16) -> io::Result<()> {
    let body = format!(r#"{{"status":"{status}"}}"#);
    let length = body.len();
    let head = format!("HTTP/1.1 {status} Said\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\r\n");
    writer.write_all(format!("{head}{body}").as_bytes())
}

/// A line without its end; `None` where the connection has ended.
fn read_line(reader: &mut impl BufRead, raw: &mut Vec<u8>) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    raw.extend_from_slice(&line);
    while line.last().is_some_and(|b| matches!(b, b'\r' | b'\n')) {
        line.pop();
    }
    Ok(Some(line))
}

fn malformed(what: &str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, what.to_owned())
}

fn read_head(reader: &mut impl BufRead, connection: usize) -> io::Result<Option<Request>> {
    let mut raw = Vec::new();
    let Some(line) = read_line(reader, &mut raw)? else { return Ok(None) };
    let line = String::from_utf8(line).map_err(|_| malformed("request line"))?;
    let mut words = line.split(' ');
    let (Some(method), Some(path), Some("HTTP/1.1"), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(malformed("request line"));
    };
    Ok(Some(Request {
        connection,
        method: method.to_owned(),
        path: path.to_owned(),
        headers: read_fields(reader, &mut raw)?,
        body: Vec::new(),
        raw_body: Vec::new(),
        trailers: Vec::new(),
        complete: false,
    }))
}

fn read_fields(reader: &mut impl BufRead, raw: &mut Vec<u8>) -> io::Result<Vec<(String, Vec<u8>)>> {
    let mut fields = Vec::new();
    loop {
        let line = read_line(reader, raw)?.ok_or_else(|| malformed("fields"))?;
        if line.is_empty() {
            return Ok(fields);
        }
        let colon = line.iter().position(|b| *b == b':').ok_or_else(|| malformed("field"))?;
        let name = String::from_utf8_lossy(&line[..colon]).to_ascii_lowercase();
        fields.push((name, line[colon + 1..].trim_ascii().to_vec()));
    }
}

fn read_body(reader: &mut impl BufRead, request: &mut Request) -> io::Result<()> {
    if request.header("transfer-encoding") == Some("chunked") {
        loop {
            let size = read_line(reader, &mut request.raw_body)?.ok_or_else(|| malformed("chunk"))?;
            let size = std::str::from_utf8(&size).ok().and_then(|size| usize::from_str_radix(size, 16).ok());
            let size = size.ok_or_else(|| malformed("chunk size"))?;
            if size == 0 {
                break;
            }
            let mut data = vec![0; size + 2];
            reader.read_exact(&mut data)?;
            request.raw_body.extend_from_slice(&data);
            request.body.extend_from_slice(&data[..size]);
        }
        let trailers = read_fields(reader, &mut request.raw_body)?;
        let text = |value: Vec<u8>| String::from_utf8_lossy(&value).into_owned();
        request.trailers = trailers.into_iter().map(|(name, value)| (name, text(value))).collect();
    } else if let Some(length) = request.header("content-length") {
        let length = length.parse().map_err(|_| malformed("content-length"))?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        request.raw_body.clone_from(&body);
        request.body = body;
    }
    request.complete = true;
    Ok(())
}
