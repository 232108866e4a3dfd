//! A Lambda Runtime API in this process, for tests of a whole Lambda function: a built program, or an app on a thread.

use std::{
    collections::HashMap,
    convert::Infallible,
    fmt,
    future::Future,
    io,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use bytes::Bytes;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
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
    state: Arc<State>,
    timeout: Duration,
    /// Dropping it stops the threads.
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

impl InvocationError {
    fn new(error_type: &str, message: impl Into<String>) -> Self {
        InvocationError { error_type: error_type.to_owned(), error_message: message.into() }
    }

    /// Reads an error that the function reported.
    fn read(error_type: &str, body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_else(|_| Self::new(error_type, String::from_utf8_lossy(body)))
    }
}

impl fmt::Display for InvocationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.error_type, self.error_message)
    }
}

impl std::error::Error for InvocationError {}

type Answer = Result<Bytes, InvocationError>;

impl RuntimeApi {
    /// Starts an API on a free port of 127.0.0.1.
    ///
    /// # Errors
    /// There is no free port.
    pub fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let (events, queue) = mpsc::unbounded_channel();
        let state = Arc::new(State { events, queue: queue.into(), inner: Mutex::default(), count: AtomicU64::new(1) });
        let api = RuntimeApi { address, state, timeout: Duration::from_secs(60), stop: watch::channel(()).0 };
        api.spawn(accept(listener, api.state.clone()))?;
        Ok(api)
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
        let address = self.address();
        self.spawn(async move {
            // A failed start has been reported to the API, and so to the callers.
            let _ = poll::serve_at(&address, adapter, app).await;
        })?;
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
        let id = format!("00000000-0000-4000-8000-{:012}", self.state.count.fetch_add(1, Ordering::Relaxed));
        let stopped = || InvocationError::new("Runtime.ExitError", "the Runtime API has stopped");
        let answer = self.state.await_reply(&id)?;
        let event = Event { id, body: event.into(), headers, timeout: self.timeout };
        self.state.events.send(event).map_err(|_| stopped())?;
        answer.await.unwrap_or_else(|_| Err(stopped()))
    }

    /// Runs a future on a thread until it ends, or the API is dropped.
    fn spawn(&self, future: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut stopped = self.stop.subscribe();
        std::thread::Builder::new().spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = stopped.changed() => {}
                    () = future => {}
                }
            });
        })?;
        Ok(())
    }
}

#[derive(Debug)]
struct Event {
    id: String,
    body: Bytes,
    headers: HeaderMap,
    timeout: Duration,
}

#[derive(Debug)]
struct State {
    events: mpsc::UnboundedSender<Event>,
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<Event>>,
    inner: Mutex<Inner>,
    count: AtomicU64,
}

#[derive(Debug, Default)]
struct Inner {
    /// The callers that wait for an answer, by the id of the invocation.
    waiting: HashMap<String, oneshot::Sender<Answer>>,
    /// The error that the function reported instead of starting.
    failed_start: Option<InvocationError>,
}

impl State {
    /// Registers a caller, unless the function could not start.
    fn await_reply(&self, id: &str) -> Result<oneshot::Receiver<Answer>, InvocationError> {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = &inner.failed_start {
            return Err(error.clone());
        }
        let (sender, receiver) = oneshot::channel();
        inner.waiting.insert(id.to_owned(), sender);
        Ok(receiver)
    }

    /// Sends an answer to its caller. Without one, the request is invalid.
    fn answer(&self, id: &str, answer: Answer) -> StatusCode {
        let caller = self.inner.lock().unwrap_or_else(PoisonError::into_inner).waiting.remove(id);
        let sent = caller.is_some_and(|caller| caller.send(answer).is_ok());
        if sent { StatusCode::ACCEPTED } else { StatusCode::BAD_REQUEST }
    }

    fn fail_start(&self, error: InvocationError) -> StatusCode {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, caller) in inner.waiting.drain() {
            let _ = caller.send(Err(error.clone()));
        }
        inner.failed_start = Some(error);
        StatusCode::ACCEPTED
    }
}

async fn accept(listener: TcpListener, state: Arc<State>) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    while let Ok((stream, _)) = listener.accept().await {
        let state = state.clone();
        let service = service_fn(move |request| {
            let state = state.clone();
            async move { Ok::<_, Infallible>(respond(request, state).await) }
        });
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

async fn respond(request: Request<Incoming>, state: Arc<State>) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    let Ok(body) = body.collect().await else { return status(StatusCode::BAD_REQUEST) };
    let trailers = body.trailers().cloned().unwrap_or_default();
    let body = body.to_bytes();
    let error = || InvocationError::read(text(&head.headers, ERROR_TYPE).unwrap_or_default(), &body);
    let path = head.uri.path().split_once("/runtime/").map_or("", |(_, path)| path);
    match (&head.method, path.split('/').collect::<Vec<_>>().as_slice()) {
        (&Method::GET, ["invocation", "next"]) => next(state).await,
        (&Method::GET, ["restore", "next"]) => status(StatusCode::OK),
        (&Method::POST, ["invocation", id, "error"]) => status(state.answer(id, Err(error()))),
        (&Method::POST, ["invocation", id, "response"]) => {
            // A stream that failed in the middle ends with trailers.
            let failed = text(&trailers, ERROR_TYPE).map(|error_type| {
                let body = text(&trailers, "lambda-runtime-function-error-body").unwrap_or_default();
                InvocationError::read(error_type, &base64_simd::STANDARD.decode_to_vec(body).unwrap_or_default())
            });
            status(state.answer(id, failed.map_or_else(|| Ok(body.clone()), Err)))
        }
        (&Method::POST, ["init" | "restore", "error"]) => status(state.fail_start(error())),
        _ => status(StatusCode::NOT_FOUND),
    }
}

/// Waits for the next event.
async fn next(state: Arc<State>) -> Response<Full<Bytes>> {
    let event = state.queue.lock().await.recv().await;
    let Some(Event { id, body, headers, timeout }) = event else { return status(StatusCode::GONE) };
    let deadline = SystemTime::now().checked_add(timeout).and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    let deadline = deadline.unwrap_or_default().as_millis().to_string();
    let mut response = Response::builder()
        .header("lambda-runtime-aws-request-id", &id)
        .header("lambda-runtime-deadline-ms", deadline)
        .header("lambda-runtime-invoked-function-arn", "arn:aws:lambda:us-east-1:123456789012:function:test");
    if let Some(all) = response.headers_mut() {
        all.extend(headers);
    }
    tokio::spawn(async move {
        tokio::time::sleep(timeout).await;
        let message = format!("task timed out after {} s", timeout.as_secs_f32());
        state.answer(&id, Err(InvocationError::new("Sandbox.Timedout", message)));
    });
    response.body(Full::new(body)).unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
}

const ERROR_TYPE: &str = "lambda-runtime-function-error-type";

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("{}"));
    *response.status_mut() = status;
    response
}
