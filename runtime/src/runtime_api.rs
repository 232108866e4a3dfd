//! A Lambda Runtime API in this process, for tests of a whole Lambda function: a built program, or an app on a thread.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use omnifn_core::{Adapter, App};
use serde::Deserialize;
use tokio::{
    runtime::Builder,
    sync::{mpsc, oneshot, watch},
};

use crate::poll;

/// A Runtime API on a port of its own. It stops when it is dropped.
///
/// ```
/// use omnifn_runtime::runtime_api::RuntimeApi;
///
/// let api = RuntimeApi::start()?;
/// // A program started with this environment polls this API for its events:
/// let mut command = std::process::Command::new("target/release/hello");
/// command.env("AWS_LAMBDA_RUNTIME_API", api.address());
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct RuntimeApi {
    address: SocketAddr,
    shared: Arc<Shared>,
    events: mpsc::UnboundedSender<Waiting>,
    timeout: Duration,
    /// Stops the threads when it is dropped.
    stop: watch::Sender<()>,
}

/// The error of a failed invocation, as Lambda reports it to the caller.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct InvocationError {
    /// The name of the error, which Lambda calls `errorType`.
    #[serde(default)]
    pub error_type: String,
    /// The message of the error, which Lambda calls `errorMessage`.
    #[serde(default)]
    pub error_message: String,
}

impl fmt::Display for InvocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.error_message)
    }
}

impl std::error::Error for InvocationError {}

type Answer = Result<Bytes, InvocationError>;

#[derive(Debug)]
struct Waiting {
    id: String,
    event: Bytes,
    headers: HeaderMap,
    timeout: Duration,
}

#[derive(Debug, Default)]
struct Shared {
    /// The callers that wait for the answer of an invocation, by its id.
    pending: Mutex<HashMap<String, oneshot::Sender<Answer>>>,
    /// The error that the function reported instead of starting.
    failed_start: Mutex<Option<InvocationError>>,
    count: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl RuntimeApi {
    /// Starts an API on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// There is no free port.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let shared = Arc::new(Shared::default());
        let (events, queue) = mpsc::unbounded_channel();
        let (stop, stopped) = watch::channel(());
        {
            let shared = shared.clone();
            std::thread::spawn(move || runtime.block_on(until(stopped, accept(listener, shared, queue))));
        }
        Ok(RuntimeApi { address, shared, events, timeout: Duration::from_secs(60), stop })
    }

    /// Sets the time limit of each invocation, which is a minute by default.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Runs an app behind an adapter on a thread. It answers events as it does on Lambda.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub fn with_app(self, adapter: impl Adapter, app: App) -> io::Result<Self> {
        let (address, stopped) = (self.address(), self.stop.subscribe());
        let runtime = Builder::new_current_thread().enable_all().build()?;
        std::thread::spawn(move || {
            runtime.block_on(until(stopped, async {
                // A failed start has been reported to the API, and so to the callers.
                let _ = poll::serve_at(&address, adapter, app).await;
            }));
        });
        Ok(self)
    }

    /// Returns `host:port`, the value for `AWS_LAMBDA_RUNTIME_API`.
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Sends an event to the function, and waits for its reply.
    ///
    /// # Errors
    /// The function failed, could not start, or timed out (`Sandbox.Timedout`).
    pub async fn invoke(&self, event: impl Into<Bytes>) -> Answer {
        self.invoke_with(HeaderMap::new(), event).await
    }

    /// Sends an event with further headers of the invocation: `lambda-runtime-client-context`, `lambda-runtime-trace-id`, ….
    ///
    /// # Errors
    /// The function failed, could not start, or timed out (`Sandbox.Timedout`).
    pub async fn invoke_with(&self, headers: HeaderMap, event: impl Into<Bytes>) -> Answer {
        let failed_start = lock(&self.shared.failed_start).clone();
        if let Some(error) = failed_start {
            return Err(error);
        }
        let number = self.shared.count.fetch_add(1, Ordering::Relaxed) + 1;
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let (answer, answered) = oneshot::channel();
        lock(&self.shared.pending).insert(id.clone(), answer);
        let waiting = Waiting { id, event: event.into(), headers, timeout: self.timeout };
        if self.events.send(waiting).is_err() {
            return Err(gone());
        }
        answered.await.unwrap_or_else(|_| Err(gone()))
    }
}

/// Runs a future until it ends, or the API is dropped.
async fn until(mut stopped: watch::Receiver<()>, future: impl Future<Output = ()>) {
    tokio::select! {
        biased;
        _ = stopped.changed() => {}
        () = future => {}
    }
}

fn gone() -> InvocationError {
    invocation_error("Runtime.ExitError", "the Runtime API has stopped")
}

fn invocation_error(error_type: &str, message: &str) -> InvocationError {
    InvocationError { error_type: error_type.to_owned(), error_message: message.to_owned() }
}

impl Shared {
    /// Sends an answer to its caller, and returns whether one was waiting.
    fn answer(&self, id: &str, answer: Answer) -> bool {
        let waiting = lock(&self.pending).remove(id);
        waiting.is_some_and(|waiting| waiting.send(answer).is_ok())
    }

    fn fail_start(&self, error: InvocationError) {
        *lock(&self.failed_start) = Some(error.clone());
        for (_, waiting) in lock(&self.pending).drain() {
            let _ = waiting.send(Err(error.clone()));
        }
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, queue: mpsc::UnboundedReceiver<Waiting>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let queue = Arc::new(tokio::sync::Mutex::new(queue));
    while let Ok((stream, _)) = listener.accept().await {
        let (shared, queue) = (shared.clone(), queue.clone());
        let service = hyper::service::service_fn(move |request| {
            let (shared, queue) = (shared.clone(), queue.clone());
            async move { Ok::<_, Infallible>(respond(request, shared, &queue).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move { drop(connection.await) });
    }
}

type Queue = tokio::sync::Mutex<mpsc::UnboundedReceiver<Waiting>>;

async fn respond(request: Request<Incoming>, shared: Arc<Shared>, queue: &Queue) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let path = head.uri.path().split_once("/runtime/").map_or("", |(_, path)| path);
    let parts: Vec<_> = path.split('/').collect();
    match (&head.method, parts.as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(shared, queue).await,
        (&Method::POST, ["invocation", id, "response"]) => {
            let Ok(body) = body.collect().await else { return status(StatusCode::BAD_REQUEST) };
            // A stream that failed in the middle ends with trailers.
            let failed = body.trailers().and_then(failed_stream);
            accepted(shared.answer(id, failed.map_or_else(|| Ok(body.to_bytes()), Err)))
        }
        (&Method::POST, ["invocation", id, "error"]) => {
            let error = read_error(&head.headers, body).await;
            accepted(shared.answer(id, Err(error)))
        }
        (&Method::POST, ["init", "error"] | ["restore", "error"]) => {
            shared.fail_start(read_error(&head.headers, body).await);
            status(StatusCode::ACCEPTED)
        }
        (&Method::GET, ["restore", "next"]) => status(StatusCode::OK),
        _ => status(StatusCode::NOT_FOUND),
    }
}

/// Waits for the next event.
async fn next(shared: Arc<Shared>, queue: &Queue) -> Response<Full<Bytes>> {
    let waiting = queue.lock().await.recv().await;
    let Some(Waiting { id, event, headers, timeout }) = waiting else { return status(StatusCode::GONE) };
    let late = id.clone();
    tokio::spawn(async move {
        tokio::time::sleep(timeout).await;
        let words = format!("task timed out after {} s", timeout.as_secs_f32());
        shared.answer(&late, Err(invocation_error("Sandbox.Timedout", &words)));
    });
    let deadline = SystemTime::now().checked_add(timeout).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let deadline = deadline.map(|at| at.as_millis().to_string()).unwrap_or_default();
    let mut builder = Response::builder()
        .header("lambda-runtime-aws-request-id", id)
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:test");
    if let Some(all) = builder.headers_mut() {
        all.extend(headers);
    }
    builder.body(Full::new(event)).unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

async fn read_error(headers: &HeaderMap, body: Incoming) -> InvocationError {
    let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
    serde_json::from_slice(&body).unwrap_or_else(|_| {
        let kind = headers.get("lambda-runtime-function-error-type").and_then(|kind| kind.to_str().ok());
        invocation_error(kind.unwrap_or_default(), &String::from_utf8_lossy(&body))
    })
}

fn failed_stream(trailers: &HeaderMap) -> Option<InvocationError> {
    let text = |name: &str| trailers.get(name).and_then(|value| value.to_str().ok());
    let kind = text("lambda-runtime-function-error-type")?;
    let body = text("lambda-runtime-function-error-body").unwrap_or_default();
    let body = base64_simd::STANDARD.decode_to_vec(body).unwrap_or_default();
    Some(serde_json::from_slice(&body).unwrap_or_else(|_| invocation_error(kind, &String::from_utf8_lossy(&body))))
}

fn accepted(waited: bool) -> Response<Full<Bytes>> {
    status(if waited { StatusCode::ACCEPTED } else { StatusCode::BAD_REQUEST })
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(b"{}")));
    *response.status_mut() = status;
    response
}
