//! One run of one subject: it is started, given work, and ended.

use std::{
    io::{BufReader, Write},
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

use super::{lambda::Api, process::Running, wire::Message};

/// The work.
#[derive(Debug, Clone)]
pub(super) enum Work {
    /// An event of Lambda's.
    Event(Vec<u8>),
    /// A request, as its bytes.
    Request(Vec<u8>),
}

/// How a program is run.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    /// The program, behind its wrapper.
    pub(super) command: Vec<String>,
    /// What its environment says.
    pub(super) variables: Vec<(String, String)>,
    /// On a core of its own.
    pub(super) pinned: bool,
}

/// What a run showed.
#[derive(Debug, Default)]
pub(super) struct Shown {
    /// From its start to its first question for an event, or to its first good response.
    pub(super) start: Duration,
    /// Of each invocation.
    pub(super) latencies: Vec<Duration>,
    /// On a core, for each invocation after the first tenth.
    pub(super) cpu: Duration,
    /// Of all invocations after the first tenth.
    pub(super) took: Duration,
    /// The first reply: a response, or what was posted.
    pub(super) reply: Message,
    /// The proportional set size at the end, in kB.
    pub(super) memory: u64,
}

const LIMIT: Duration = Duration::from_secs(240);

/// Runs a program through so many invocations.
pub(super) fn drive(run: &Run, work: &Work, count: usize) -> Result<Shown, String> {
    let what = run.command.join(" ");
    match work {
        Work::Event(event) => events(run, event, count),
        Work::Request(request) => requests(run, request, count),
    }
    .map_err(|why| format!("{what}: {why}"))
}

fn events(run: &Run, event: &[u8], count: usize) -> Result<Shown, String> {
    let api = Api::start(event, count).map_err(|error| error.to_string())?;
    let mut variables: Vec<(String, String)> = [
        ("AWS_LAMBDA_FUNCTION_NAME", "hello"),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/hello"),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0000"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_REGION", "eu-west-1"),
        ("_HANDLER", "bootstrap"),
        // As it is on the platform's own port.
        ("OMNIFN_AWS_PIPELINE", "1"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into();
    variables.push(("AWS_LAMBDA_RUNTIME_API".to_owned(), api.address.to_string()));
    variables.extend(run.variables.iter().cloned());
    let running = Running::start(&run.command, &variables, run.pinned)?;
    let began = api.wait(LIMIT, |seen| seen.first_next.is_some());
    let mut shown = Shown::default();
    let warm = count / 10;
    let warmed = api.replies(warm, LIMIT);
    let (cpu, since) = (running.cpu(), Instant::now());
    let ended = began && warmed && api.replies(count, LIMIT);
    shown.took = since.elapsed();
    shown.cpu = running.cpu().saturating_sub(cpu) / (count - warm).max(1) as u32;
    shown.memory = running.memory();
    let started = running.started;
    running.end();
    let seen = api.stop();
    match (ended, seen.failure) {
        (true, None) => {}
        (_, Some(failure)) => return Err(failure),
        (false, None) => return Err(format!("only {} of {count} replies came", seen.latencies.len())),
    }
    shown.start = seen.first_next.map(|first| first - started).unwrap_or_default();
    shown.latencies = seen.latencies;
    shown.reply.body = seen.reply.unwrap_or_default();
    Ok(shown)
}

/// A connection on which requests follow each other.
#[derive(Debug)]
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    /// Connects.
    pub(super) fn open(port: u16) -> std::io::Result<Self> {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        Ok(Connection { stream: BufReader::new(stream) })
    }

    /// Sends a request, and reads its response.
    pub(super) fn ask(&mut self, request: &[u8]) -> std::io::Result<Message> {
        self.stream.get_mut().write_all(request)?;
        Message::read(&mut self.stream)?.ok_or_else(|| std::io::Error::other("closed"))
    }
}

/// A port that nobody has.
pub(super) fn free_port() -> Result<u16, String> {
    let find = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr();
    find().map(|address| address.port()).map_err(|error| error.to_string())
}

/// Starts a server on a port, and gives the connection of its first good response.
pub(super) fn serve(run: &Run, port: u16, request: &[u8]) -> Result<(Running, Connection, Message, Duration), String> {
    let mut variables = run.variables.clone();
    for name in ["PORT", "FUNCTIONS_CUSTOMHANDLER_PORT"] {
        variables.push((name.to_owned(), port.to_string()));
    }
    let running = Running::start(&run.command, &variables, run.pinned)?;
    let mut why = String::new();
    while running.started.elapsed() < Duration::from_secs(60) {
        let asked = Connection::open(port).and_then(|mut connection| Ok((connection.ask(request)?, connection)));
        match asked {
            Ok((reply, connection)) if (200..300).contains(&reply.status()) => {
                let started = running.started.elapsed();
                return Ok((running, connection, reply, started));
            }
            Ok((reply, _)) => return Err(format!("{}: {}", reply.first, String::from_utf8_lossy(&reply.body))),
            Err(error) => why = error.to_string(),
        }
        // Short beside a start, and long enough to leave the core to the subject.
        std::thread::sleep(Duration::from_micros(100));
    }
    Err(format!("no response within a minute: {why}"))
}

fn requests(run: &Run, request: &[u8], count: usize) -> Result<Shown, String> {
    let (running, mut connection, reply, start) = serve(run, free_port()?, request)?;
    let mut shown = Shown { start, reply, ..Shown::default() };
    let warm = count / 10;
    let (mut cpu, mut since) = (running.cpu(), Instant::now());
    // The first has been answered.
    for index in 1..count {
        if index == warm {
            (cpu, since) = (running.cpu(), Instant::now());
        }
        let asked = Instant::now();
        let reply = connection.ask(request).map_err(|error| error.to_string())?;
        shown.latencies.push(asked.elapsed());
        if !(200..300).contains(&reply.status()) {
            return Err(reply.first);
        }
    }
    shown.took = since.elapsed();
    shown.cpu = running.cpu().saturating_sub(cpu) / (count - warm).max(1) as u32;
    shown.memory = running.memory();
    drop(connection);
    running.end();
    Ok(shown)
}
