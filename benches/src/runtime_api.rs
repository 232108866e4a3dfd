//! A Lambda Runtime API that hands out one event again and again, and records the time of every step.

use std::{
    io::{BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use crate::wire::Message;

/// What happened so far.
#[derive(Debug, Default)]
pub(crate) struct Record {
    /// The time of the first request for an event.
    pub(crate) first_next: Option<Instant>,
    /// From each event's response to the reply to it.
    pub(crate) latencies: Vec<Duration>,
    /// The reply to the first event.
    pub(crate) reply: Option<Vec<u8>>,
    /// The first error that was posted.
    pub(crate) failure: Option<String>,
    handed_out: usize,
    last_handed_out: Option<Instant>,
    stopped: bool,
}

/// The Runtime API of one program.
#[derive(Debug, Clone)]
pub(crate) struct RuntimeApi {
    shared: Arc<(Mutex<Record>, Condvar)>,
    event: Arc<[u8]>,
    total: usize,
    pub(crate) address: SocketAddr,
}

impl RuntimeApi {
    /// Starts an API that hands out the event this often.
    pub(crate) fn start(event: &[u8], total: usize) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let api = RuntimeApi { shared: Arc::default(), event: event.into(), total, address };
        let accepting = api.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepting.record().stopped {
                    return;
                }
                let api = accepting.clone();
                std::thread::spawn(move || api.serve(stream));
            }
        });
        Ok(api)
    }

    /// Waits for this many replies, and for the first request if that is zero. Returns whether they arrived.
    pub(crate) fn wait_for_replies(&self, count: usize, limit: Duration) -> bool {
        let arrived = |record: &Record| record.first_next.is_some() && record.latencies.len() >= count;
        let waiting = |record: &mut Record| !arrived(record) && record.failure.is_none();
        let waited = self.shared.1.wait_timeout_while(self.record(), limit, waiting);
        let (record, _) = waited.unwrap_or_else(PoisonError::into_inner);
        arrived(&record)
    }

    /// Stops the API, and returns what happened.
    pub(crate) fn stop(&self) -> Record {
        let record = std::mem::replace(&mut *self.record(), Record { stopped: true, ..Record::default() });
        self.shared.1.notify_all();
        // Wakes the thread that accepts connections.
        let _ = TcpStream::connect(self.address);
        record
    }

    fn record(&self) -> MutexGuard<'_, Record> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Serves one connection until the program closes it.
    fn serve(&self, stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::with_capacity(64 * 1024, stream.try_clone().ok()?);
        let mut writer = stream;
        while let Some(request) = Message::read(&mut reader).ok()? {
            let path = request.first.split(' ').nth(1)?;
            let response = match path.ends_with("/invocation/next") {
                true => self.next()?,
                false => self.accept(path, &request.body),
            };
            writer.write_all(&response).ok()?;
        }
        None
    }

    /// Takes a reply or an error.
    fn accept(&self, path: &str, body: &[u8]) -> Vec<u8> {
        let now = Instant::now();
        let mut record = self.record();
        if path.ends_with("/error") {
            record.failure.get_or_insert_with(|| format!("{path}: {}", String::from_utf8_lossy(body)));
        } else if let Some(handed_out) = record.last_handed_out.take() {
            record.latencies.push(now - handed_out);
            record.reply.get_or_insert_with(|| body.to_vec());
        }
        // The meter waits for the end of the warm-up, for the end of the run, and for a failure. Between them it sleeps.
        let is_awaited = [self.total / 10, self.total].contains(&record.latencies.len()) || record.failure.is_some();
        drop(record);
        if is_awaited {
            self.shared.1.notify_all();
        }
        b"HTTP/1.1 202 Accepted\r\ncontent-length: 16\r\ncontent-type: application/json\r\n\r\n{\"status\":\"OK\"}\n"
            .to_vec()
    }

    /// Hands out the event; after the last one it keeps the request open, as Lambda does in an idle sandbox.
    fn next(&self) -> Option<Vec<u8>> {
        let now = Instant::now();
        let mut record = self.record();
        if record.first_next.is_none() {
            record.first_next = Some(now);
            self.shared.1.notify_all();
        }
        while record.handed_out >= self.total {
            if record.stopped {
                return None;
            }
            record = self.shared.1.wait(record).unwrap_or_else(PoisonError::into_inner);
        }
        if record.stopped {
            return None;
        }
        record.handed_out += 1;
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + Duration::from_secs(30);
        let mut response = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: \
             8476a536-e9f4-11e8-9739-{:012x}\r\nlambda-runtime-deadline-ms: {}\r\nlambda-runtime-invoked-function-arn: \
             arn:aws:lambda:eu-west-1:123456789012:function:hello\r\nlambda-runtime-trace-id: \
             Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\ncontent-length: {}\r\n\r\n",
            record.handed_out,
            deadline.as_millis(),
            self.event.len()
        )
        .into_bytes();
        response.extend_from_slice(&self.event);
        record.last_handed_out = Some(Instant::now());
        Some(response)
    }
}
