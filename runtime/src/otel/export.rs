use std::{
    future::Future,
    time::{Duration, Instant},
};

use opentelemetry::global;
use opentelemetry_otlp::{MetricExporter, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    metrics::{SdkMeterProvider, data::ResourceMetrics, exporter::PushMetricExporter as _, reader::MetricReader as _},
    trace::{SdkTracerProvider, SpanExporter as _},
};
use tokio::sync::Mutex;

use super::{
    buffer::Buffer,
    config::{Config, exported},
    http::Client,
    reader::Reader,
};
use crate::log;

/// Takes what the program says, and sends it.
#[derive(Debug)]
pub(super) struct Exporter {
    traces: Option<Traces>,
    metrics: Option<Metrics>,
    client: Client,
    /// How long an export may take, where the environment says it.
    pub(super) timeout: Option<Duration>,
    delay: Duration,
    interval: Duration,
    /// Held by the one that exports.
    streak: Mutex<Streak>,
}

/// How long an export may take, unless the environment says it.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How long nothing is sent after failures: doubled with each, up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What became of an export that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Sent {
    /// There was nothing to be sent, which says nothing of the collector.
    Nothing,
    Something,
}

/// Failures one after another: told once, with what they cost.
#[derive(Debug, Default)]
struct Streak {
    failures: u32,
    /// Nothing is sent before.
    until: Option<Instant>,
    lost: u64,
}

impl Exporter {
    pub(super) fn new(config: &Config, resource: &Resource) -> Self {
        let client = Client::default();
        let traces = config.traces.as_ref().map(|endpoint| traces(endpoint, config, resource, &client));
        let metrics = config.metrics.as_ref().map(|endpoint| metrics(endpoint, config, resource, &client));
        let (traces, metrics) = exported(traces.transpose(), metrics.transpose());
        Exporter {
            traces,
            metrics,
            client,
            timeout: config.timeout,
            delay: config.delay,
            interval: config.interval,
            streak: Mutex::default(),
        }
    }

    /// Takes what is said from now on.
    pub(super) fn install(&self) {
        if let Some((_, _, provider)) = &self.traces {
            global::set_tracer_provider(provider.clone());
        }
        if let Some((_, _, provider)) = &self.metrics {
            global::set_meter_provider(provider.clone());
        }
    }

    /// Exports spans when there is a batch of them, or after a while, and metrics after a longer one. For ever.
    pub(super) async fn run(&self) {
        let limit = self.timeout.unwrap_or(TIMEOUT);
        let mut told = Instant::now();
        loop {
            tokio::select! {
                () = tokio::time::sleep(self.delay.min(self.interval)) => {}
                () = self.full() => {}
            }
            let with_metrics = told.elapsed() >= self.interval;
            if with_metrics {
                told = Instant::now();
            }
            self.send(limit, with_metrics, false).await;
        }
    }

    async fn full(&self) {
        match &self.traces {
            Some((buffer, _, _)) => buffer.full().await,
            None => std::future::pending().await,
        }
    }

    /// Exports all that there is, for no longer than this. After a failure nothing is sent for a while, unless this is the end.
    pub(super) async fn flush(&self, limit: Duration, is_end: bool) {
        self.send(limit, true, is_end).await;
    }

    async fn send(&self, limit: Duration, with_metrics: bool, is_end: bool) {
        let begun = Instant::now();
        let Ok(mut streak) = tokio::time::timeout(limit, self.streak.lock()).await else { return };
        if !is_end && streak.until.is_some_and(|until| begun < until) {
            return;
        }
        let limit = limit.saturating_sub(begun.elapsed());
        let spans = self.send_spans(limit);
        let metrics = async { if with_metrics { self.send_metrics(limit).await } else { Ok(Sent::Nothing) } };
        let ((lost, spans), metrics) = futures_util::future::join(spans, metrics).await;
        streak.lost += lost + self.traces.as_ref().map_or(0, |(buffer, _, _)| buffer.dropped());
        match spans.and_then(|spans| metrics.map(|metrics| spans.max(metrics))) {
            Ok(Sent::Something) => streak.end(),
            Ok(Sent::Nothing) => {}
            Err(why) => streak.failed(&self.client.why().unwrap_or(why)),
        }
    }

    /// How many spans were lost, and why.
    async fn send_spans(&self, limit: Duration) -> (u64, Result<Sent, String>) {
        let (begun, mut sent) = (Instant::now(), Sent::Nothing);
        let Some((buffer, exporter, _)) = &self.traces else { return (0, Ok(sent)) };
        loop {
            let batch = buffer.take();
            if batch.is_empty() {
                return (0, Ok(sent));
            }
            let count = batch.len() as u64;
            match within(limit.saturating_sub(begun.elapsed()), exporter.export(batch)).await {
                Ok(()) => sent = Sent::Something,
                Err(why) => return (count, Err(why)),
            }
        }
    }

    async fn send_metrics(&self, limit: Duration) -> Result<Sent, String> {
        let Some((reader, exporter, _)) = &self.metrics else { return Ok(Sent::Nothing) };
        let mut metrics = ResourceMetrics::default();
        reader.collect(&mut metrics).map_err(|error| error.to_string())?;
        if metrics.scope_metrics().next().is_none() {
            return Ok(Sent::Nothing);
        }
        within(limit, exporter.export(&metrics)).await.map(|()| Sent::Something)
    }
}

async fn within(limit: Duration, sending: impl Future<Output = OTelSdkResult>) -> Result<(), String> {
    match tokio::time::timeout(limit, sending).await {
        Ok(sent) => sent.map_err(|error| error.to_string()),
        Err(_elapsed) => Err(format!("no answer within {} ms", limit.as_millis())),
    }
}

impl Streak {
    fn failed(&mut self, why: &str) {
        if self.failures == 0 {
            log::warn(format_args!(
                "traces and metrics cannot be exported: {why}. They are tried again, and told of when it works"
            ));
        }
        let pause = Duration::from_secs(1 << self.failures.min(5)).min(LONGEST_PAUSE);
        self.failures = self.failures.saturating_add(1);
        self.until = Instant::now().checked_add(pause);
    }

    fn end(&mut self) {
        let Streak { failures, lost, .. } = std::mem::take(self);
        if failures > 0 {
            log::warn(format_args!("traces and metrics are exported again; {lost} spans were lost"));
        } else if lost > 0 {
            log::warn(format_args!(
                "{lost} spans were lost, for more came than are kept until they are exported (OTEL_BSP_MAX_QUEUE_SIZE)"
            ));
        }
    }
}

type Traces = (Buffer, SpanExporter, SdkTracerProvider);
type Metrics = (Reader, MetricExporter, SdkMeterProvider);

fn traces(endpoint: &str, config: &Config, resource: &Resource, client: &Client) -> Result<Traces, String> {
    // What is sent again is ours to say: the exporter's own way would put the thread to sleep.
    let built = SpanExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_http_client(client.clone())
        .with_retry_policy(RetryPolicy::disabled())
        .build();
    let mut exporter = built.map_err(|error| error.to_string())?;
    exporter.set_resource(resource);
    let buffer = Buffer::new(config.queue, config.batch);
    let provider =
        SdkTracerProvider::builder().with_resource(resource.clone()).with_span_processor(buffer.clone()).build();
    Ok((buffer, exporter, provider))
}

fn metrics(endpoint: &str, config: &Config, resource: &Resource, client: &Client) -> Result<Metrics, String> {
    let built = MetricExporter::builder()
        .with_http()
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(endpoint)
        .with_http_client(client.clone())
        .with_retry_policy(RetryPolicy::disabled())
        .with_temporality(config.temporality)
        .build();
    let exporter = built.map_err(|error| error.to_string())?;
    let reader = Reader::new(config.temporality);
    let provider = SdkMeterProvider::builder().with_resource(resource.clone()).with_reader(reader.clone()).build();
    Ok((reader, exporter, provider))
}
