//! A collector, and a Runtime API beside it on the same port: what both were asked is one list, in the order of its coming.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use omnifn::bytes::Bytes;
use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    metrics::v1::{Metric, metric::Data, number_data_point::Value},
    resource::v1::Resource,
    trace::v1::Span,
};
use prost::Message;

use super::attributes::text;

/// Far longer than anything takes, so that a test which waits in vain ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// What was asked.
#[derive(Debug, Clone)]
pub(crate) enum Asked {
    Spans(Vec<Span>),
    Metrics(Vec<Metric>),
    /// The program asked for its next event.
    Next,
    /// The program answered an event, or failed it.
    Reply,
}

/// The response of the collector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Takes,
    Refuses,
    Hangs,
}

pub(crate) struct Collector {
    port: u16,
    shared: Arc<Shared>,
    _runtime: tokio::runtime::Runtime,
}

struct Shared {
    asked: Mutex<Vec<Asked>>,
    resource: Mutex<Option<Resource>>,
    headers: Mutex<Vec<http::HeaderMap>>,
    mood: Mutex<Mood>,
    refused: AtomicUsize,
    events: Mutex<VecDeque<(String, String)>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Collector {
    pub(crate) fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(tokio::net::TcpListener::bind(("127.0.0.1", 0))).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let shared = Arc::new(Shared {
            asked: Mutex::default(),
            resource: Mutex::default(),
            headers: Mutex::default(),
            mood: Mutex::new(Mood::Takes),
            refused: AtomicUsize::new(0),
            events: Mutex::default(),
        });
        let ours = shared.clone();
        runtime.spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { continue };
                let shared = ours.clone();
                let service = service_fn(move |request| {
                    let shared = shared.clone();
                    async move { Ok::<_, Infallible>(shared.answer(request).await) }
                });
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Collector { port, shared, _runtime: runtime }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn runtime_api(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn set(&self, mood: Mood) {
        *lock(&self.shared.mood) = mood;
    }

    /// Gives the program an event, with the X-Ray header of its invocation.
    pub(crate) fn event(&self, trace: &str, event: &str) {
        lock(&self.shared.events).push_back((trace.to_owned(), event.to_owned()));
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        lock(&self.shared.asked).clone()
    }

    /// How often it has refused.
    pub(crate) fn refused(&self) -> usize {
        self.shared.refused.load(Ordering::SeqCst)
    }

    pub(crate) fn headers(&self) -> Vec<http::HeaderMap> {
        lock(&self.shared.headers).clone()
    }

    /// The resource of the program.
    pub(crate) fn resource(&self) -> Resource {
        lock(&self.shared.resource).clone().expect("a resource")
    }

    pub(crate) fn spans(&self) -> Vec<Span> {
        let spans = |asked| if let Asked::Spans(spans) = asked { spans } else { Vec::new() };
        self.asked().into_iter().flat_map(spans).collect()
    }

    /// Waits for a span of this name.
    pub(crate) fn span(&self, name: &str) -> Span {
        self.wait(&format!("a span `{name}`"), || self.spans().into_iter().find(|span| span.name == name))
    }

    /// Waits until something is there.
    pub(crate) fn wait<T>(&self, what: &str, mut find: impl FnMut() -> Option<T>) -> T {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(found) = find() {
                return found;
            }
            let names = || self.spans().into_iter().map(|span| span.name).collect::<Vec<_>>();
            assert!(Instant::now() < until, "{what} did not come; spans: {:?}", names());
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// The last value of a counter, or the number of values in a histogram, over all whose attributes have these values.
    pub(crate) fn count(&self, name: &str, with: &[(&str, &str)]) -> u64 {
        let metrics = |asked| if let Asked::Metrics(metrics) = asked { metrics } else { Vec::new() };
        let mut all = self.asked().into_iter().flat_map(metrics).filter(|metric| metric.name == name);
        let Some(data) = all.next_back().and_then(|metric| metric.data) else { return 0 };
        let fits = |attributes: &[_]| with.iter().all(|(key, value)| text(attributes, key).as_deref() == Some(*value));
        match data {
            Data::Sum(sum) => sum
                .data_points
                .into_iter()
                .filter(|point| fits(&point.attributes))
                .map(|point| if let Some(Value::AsInt(n)) = point.value { n as u64 } else { 0 })
                .sum(),
            Data::Histogram(histogram) => {
                histogram.data_points.into_iter().filter(|point| fits(&point.attributes)).map(|point| point.count).sum()
            }
            other => panic!("{name} is {other:?}"),
        }
    }
}

impl Shared {
    async fn answer(&self, request: Request<Incoming>) -> Response<Full<Bytes>> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map(|body| body.to_bytes()).unwrap_or_default();
        let path = head.uri.path();
        if path.starts_with("/v1/") {
            let mood = *lock(&self.mood);
            match mood {
                Mood::Takes => {}
                Mood::Refuses => {
                    self.refused.fetch_add(1, Ordering::SeqCst);
                    return status(503);
                }
                Mood::Hangs => return std::future::pending().await,
            }
            lock(&self.headers).push(head.headers.clone());
        }
        match path {
            "/v1/traces" => {
                let request = ExportTraceServiceRequest::decode(body).expect("an export of traces");
                let mut spans = Vec::new();
                for of_resource in request.resource_spans {
                    *lock(&self.resource) = of_resource.resource;
                    spans.extend(of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
                }
                lock(&self.asked).push(Asked::Spans(spans));
                status(200)
            }
            "/v1/metrics" => {
                let request = ExportMetricsServiceRequest::decode(body).expect("an export of metrics");
                let of_scopes = request.resource_metrics.into_iter().flat_map(|metrics| metrics.scope_metrics);
                let metrics = of_scopes.flat_map(|scope| scope.metrics).collect();
                lock(&self.asked).push(Asked::Metrics(metrics));
                status(200)
            }
            path if path.ends_with("/invocation/next") => {
                lock(&self.asked).push(Asked::Next);
                self.next().await
            }
            path if path.contains("/invocation/") => {
                lock(&self.asked).push(Asked::Reply);
                status(202)
            }
            path if path.ends_with("/extension/register") => Response::builder()
                .header("lambda-extension-identifier", "1")
                .body(Full::from(r#"{"functionName":"shop","functionVersion":"7","handler":"bootstrap"}"#))
                .expect("a response"),
            path if path.ends_with("/extension/event/next") => std::future::pending().await,
            _ => status(404),
        }
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        loop {
            let event = lock(&self.events).pop_front();
            let Some((trace, event)) = event else {
                tokio::time::sleep(Duration::from_millis(5)).await;
                continue;
            };
            let deadline = std::time::SystemTime::now() + Duration::from_secs(30);
            let millis = deadline.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
            return Response::builder()
                .header("lambda-runtime-aws-request-id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
                .header("lambda-runtime-deadline-ms", millis.to_string())
                .header("lambda-runtime-trace-id", trace)
                .body(Full::from(event))
                .expect("a response");
        }
    }
}

fn status(status: u16) -> Response<Full<Bytes>> {
    Response::builder().status(status).body(Full::default()).expect("a response")
}
