//! One run of one program: it is started, given work, and ended.

use std::{
    io::{BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::PathBuf,
    time::{Duration, Instant},
};

use crate::{process::Running, programs::Program, runtime_api::RuntimeApi, wire::Message};

/// What a program is given for each invocation.
#[derive(Debug, Clone)]
pub(crate) enum Work {
    /// An event of the Lambda Runtime API.
    Event(Vec<u8>),
    /// The bytes of an HTTP request.
    Request(Vec<u8>),
}

/// How a program is started.
#[derive(Debug, Clone, Default)]
pub(crate) struct Run {
    /// The program and its arguments, behind a wrapper if there is one.
    pub(crate) command: Vec<String>,
    pub(crate) variables: Vec<(String, String)>,
    /// Where its standard output and error go; unset: `/dev/null`.
    pub(crate) output: Option<PathBuf>,
}

impl Run {
    /// Starts this program by itself.
    pub(crate) fn of(program: &Program) -> Self {
        let command = vec![program.path().display().to_string()];
        Run { command, variables: program.variables(), output: None }
    }
}

/// What a run showed.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    /// From the start of the process to its first request for an event, or to its first response.
    pub(crate) start: Duration,
    /// The latency of each invocation.
    pub(crate) latencies: Vec<Duration>,
    /// CPU time of an invocation after the first tenth of them.
    pub(crate) cpu: Duration,
    /// The first reply: a response, or what was posted to the Runtime API.
    pub(crate) reply: Message,
    /// The proportional set size at the end, in kB.
    pub(crate) memory: u64,
}

const LIMIT: Duration = Duration::from_secs(240);

/// Runs a program through this many invocations.
pub(crate) fn drive(run: &Run, work: &Work, count: usize) -> Result<Measured, String> {
    match work {
        Work::Event(event) => events(run, event, count),
        Work::Request(request) => requests(run, request, count),
    }
    .map_err(|error| format!("{}: {error}", run.command.join(" ")))
}

/// What Lambda sets in the environment.
const LAMBDA: [(&str, &str); 9] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "hello"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
    ("AWS_LAMBDA_LOG_FORMAT", "JSON"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/hello"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0000"),
    ("AWS_REGION", "eu-west-1"),
    ("_HANDLER", "bootstrap"),
];

fn events(run: &Run, event: &[u8], count: usize) -> Result<Measured, String> {
    let api = RuntimeApi::start(event, count).map_err(|error| error.to_string())?;
    let mut run = run.clone();
    run.variables.extend(LAMBDA.map(|(name, value)| (name.to_owned(), value.to_owned())));
    run.variables.push(("AWS_LAMBDA_RUNTIME_API".to_owned(), api.address.to_string()));
    let running = Running::start(&run)?;
    let warm = count / 10;
    let is_warm = api.wait_for_replies(warm, LIMIT);
    let cpu = running.cpu();
    let is_done = is_warm && api.wait_for_replies(count, LIMIT);
    let cpu = running.cpu().saturating_sub(cpu) / (count - warm).max(1) as u32;
    let (memory, started) = (running.memory(), running.started);
    running.end();
    let record = api.stop();
    match record.failure {
        Some(failure) => return Err(failure),
        None if !is_done => return Err(format!("{} of {count} invocations were answered", record.latencies.len())),
        None => {}
    }
    let start = record.first_next.map(|first| first - started).unwrap_or_default();
    let reply = Message { body: record.reply.unwrap_or_default(), ..Message::default() };
    Ok(Measured { start, latencies: record.latencies, cpu, reply, memory })
}

/// A keep-alive connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(crate) fn open(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Connection { stream: BufReader::new(stream) })
    }

    /// Sends a request, and reads its response.
    pub(crate) fn send(&mut self, request: &[u8]) -> std::io::Result<Message> {
        self.stream.get_mut().write_all(request)?;
        Message::read(&mut self.stream)?.ok_or_else(|| std::io::Error::other("the server closed the connection"))
    }
}

/// A server that has answered its first request.
#[derive(Debug)]
pub(crate) struct Served {
    pub(crate) running: Running,
    pub(crate) connection: Connection,
    pub(crate) reply: Message,
    pub(crate) port: u16,
    pub(crate) start: Duration,
}

/// Starts a server on a free port, and waits for its first response.
pub(crate) fn serve(run: &Run, request: &[u8]) -> Result<Served, String> {
    let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
    let port = free.map_err(|error| error.to_string())?.port();
    let mut run = run.clone();
    for name in ["PORT", "FUNCTIONS_CUSTOMHANDLER_PORT"] {
        run.variables.push((name.to_owned(), port.to_string()));
    }
    let running = Running::start(&run)?;
    let mut last_error = String::new();
    while running.started.elapsed() < Duration::from_secs(60) {
        match Connection::open(port).and_then(|mut connection| Ok((connection.send(request)?, connection))) {
            Ok((reply, connection)) if reply.is_success() => {
                let start = running.started.elapsed();
                return Ok(Served { running, connection, reply, port, start });
            }
            Ok((reply, _)) => return Err(format!("{}: {}", reply.first, String::from_utf8_lossy(&reply.body))),
            Err(error) => last_error = error.to_string(),
        }
        // Short beside a start, and long enough to leave the core to the program.
        std::thread::sleep(Duration::from_micros(100));
    }
    Err(format!("no response within a minute: {last_error}"))
}

fn requests(run: &Run, request: &[u8], count: usize) -> Result<Measured, String> {
    let Served { running, mut connection, reply, start, .. } = serve(run, request)?;
    let (warm, mut cpu, mut latencies) = (count / 10, running.cpu(), Vec::with_capacity(count));
    // The first request has been answered by now.
    for index in 1..count {
        if index == warm {
            cpu = running.cpu();
        }
        let sent = Instant::now();
        let reply = connection.send(request).map_err(|error| error.to_string())?;
        latencies.push(sent.elapsed());
        if !reply.is_success() {
            return Err(reply.first);
        }
    }
    let cpu = running.cpu().saturating_sub(cpu) / (count - warm).max(1) as u32;
    let memory = running.memory();
    drop(connection);
    running.end();
    Ok(Measured { start, latencies, cpu, reply, memory })
}
