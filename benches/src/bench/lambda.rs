//! A Lambda Runtime API that gives out one event over and over, and keeps the time of every step.

use std::{
    io::{BufReader, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use super::wire::Message;

/// What has been seen so far.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// When the first `next` came.
    pub(super) first_next: Option<Instant>,
    /// From an event's going out to its reply.
    pub(super) latencies: Vec<Duration>,
    /// The reply to the first event.
    pub(super) reply: Option<Vec<u8>>,
    /// What was posted as a failure.
    pub(super) failure: Option<String>,
    responses: usize,
    served: usize,
    handed_out: Option<Instant>,
    stopped: bool,
}

/// The API.
#[derive(Debug, Clone)]
pub(super) struct Api {
    shared: Arc<(Mutex<Seen>, Condvar)>,
    event: Arc<[u8]>,
    total: usize,
    /// Where it is.
    pub(super) address: SocketAddr,
}

impl Api {
    /// An API that gives out an event this often.
    pub(super) fn start(event: &[u8], total: usize) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let api = Api { shared: Arc::default(), event: event.into(), total, address };
        let accepting = api.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if accepting.seen().stopped {
                    return;
                }
                let api = accepting.clone();
                std::thread::spawn(move || api.serve(stream));
            }
        });
        Ok(api)
    }

    /// Waits until a condition holds, or the time is over.
    pub(super) fn wait(&self, limit: Duration, holds: impl Fn(&Seen) -> bool) -> bool {
        let (_, changed) = &*self.shared;
        let not_yet = |seen: &mut Seen| !holds(seen) && seen.failure.is_none();
        let waited = changed.wait_timeout_while(self.seen(), limit, not_yet);
        let (seen, _) = waited.unwrap_or_else(PoisonError::into_inner);
        holds(&seen)
    }

    /// Waits for so many replies.
    pub(super) fn replies(&self, count: usize, limit: Duration) -> bool {
        self.wait(limit, |seen| seen.responses >= count)
    }

    /// Ends it, and gives what was seen.
    pub(super) fn stop(&self) -> Seen {
        let mut seen = self.seen();
        seen.stopped = true;
        let taken = std::mem::take(&mut *seen);
        seen.stopped = true;
        drop(seen);
        self.shared.1.notify_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        taken
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One connection, until the other side closes it.
    fn serve(&self, stream: TcpStream) -> Option<()> {
        stream.set_nodelay(true).ok()?;
        let mut reader = BufReader::with_capacity(64 * 1024, stream.try_clone().ok()?);
        let mut writer = stream;
        while let Some(request) = Message::read(&mut reader).ok()? {
            let answer = self.answer(&request)?;
            writer.write_all(&answer).ok()?;
        }
        None
    }

    fn answer(&self, request: &Message) -> Option<Vec<u8>> {
        let now = Instant::now();
        let path = request.first.split(' ').nth(1)?;
        if path.ends_with("/invocation/next") {
            return self.next(now);
        }
        let mut seen = self.seen();
        if path.ends_with("/error") {
            seen.failure = Some(format!("{path}: {}", String::from_utf8_lossy(&request.body)));
        } else {
            seen.responses += 1;
            if let Some(out) = seen.handed_out.take() {
                seen.latencies.push(now - out);
            }
            seen.reply.get_or_insert_with(|| request.body.clone());
        }
        // The meter waits for the end of the first tenth, and for the end; it is not woken in between.
        let is_awaited = [self.total / 10, self.total].contains(&seen.responses) || seen.failure.is_some();
        drop(seen);
        if is_awaited {
            self.shared.1.notify_all();
        }
        Some(b"HTTP/1.1 202 Accepted\r\ncontent-length: 16\r\ncontent-type: application/json\r\n\r\n{\"status\":\"OK\"}\n".to_vec())
    }

    /// The event; after the last one, nothing comes, as where a sandbox is idle.
    fn next(&self, now: Instant) -> Option<Vec<u8>> {
        let (_, changed) = &*self.shared;
        let mut seen = self.seen();
        if seen.first_next.is_none() {
            seen.first_next = Some(now);
            changed.notify_all();
        }
        while seen.served >= self.total {
            if seen.stopped {
                return None;
            }
            seen = changed.wait(seen).unwrap_or_else(PoisonError::into_inner);
        }
        seen.served += 1;
        let deadline = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default() + Duration::from_secs(30);
        let mut answer = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nlambda-runtime-aws-request-id: \
             8476a536-e9f4-11e8-9739-{:012x}\r\nlambda-runtime-deadline-ms: {}\r\nlambda-runtime-invoked-function-arn: \
             arn:aws:lambda:eu-west-1:123456789012:function:hello\r\nlambda-runtime-trace-id: \
             Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1\r\ncontent-length: {}\r\n\r\n",
            seen.served,
            deadline.as_millis(),
            self.event.len()
        )
        .into_bytes();
        answer.extend_from_slice(&self.event);
        seen.handed_out = Some(Instant::now());
        Some(answer)
    }
}
