//! Exports to a collector over HTTP, and over HTTPS with the feature `otel-tls`.

use std::{
    iter::successors,
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use http::{HeaderValue, Uri, header::CONNECTION};
use hyper_util::client::legacy::connect::HttpConnector;
use omnifn_core::Settings;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response, hyper::HyperClient};
use opentelemetry_otlp::{MetricExporter, Protocol, RetryPolicy, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    error::OTelSdkResult,
    metrics::SdkMeterProvider,
    trace::{self, SdkTracerProvider, SpanData},
};
use tokio::runtime::Handle;

use crate::log;

/// Returns the provider of traces; `None` unless an endpoint is configured.
pub(super) fn traces(resource: &Resource, settings: &dyn Settings) -> Result<Option<SdkTracerProvider>, String> {
    let Some(client) = Client::new("TRACES", settings)? else { return Ok(None) };
    let exporter = SpanExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_http_client(client);
    let exporter = exporter.with_retry_policy(RetryPolicy::disabled()).build().map_err(|error| error.to_string())?;
    let provider = SdkTracerProvider::builder().with_resource(resource.clone());
    Ok(Some(provider.with_batch_exporter(Counted(exporter)).build()))
}

/// Returns the provider of metrics; `None` unless an endpoint is configured.
pub(super) fn metrics(resource: &Resource, settings: &dyn Settings) -> Result<Option<SdkMeterProvider>, String> {
    let Some(client) = Client::new("METRICS", settings)? else { return Ok(None) };
    let exporter = MetricExporter::builder().with_http().with_protocol(Protocol::HttpBinary).with_http_client(client);
    let exporter = exporter.with_retry_policy(RetryPolicy::disabled()).build().map_err(|error| error.to_string())?;
    Ok(Some(SdkMeterProvider::builder().with_resource(resource.clone()).with_periodic_exporter(exporter).build()))
}

#[cfg(feature = "otel-tls")]
type Connector = hyper_rustls::HttpsConnector<HttpConnector>;
#[cfg(not(feature = "otel-tls"))]
type Connector = HttpConnector;

fn connector() -> Result<Connector, String> {
    #[cfg(not(feature = "otel-tls"))]
    return Ok(HttpConnector::new());
    #[cfg(feature = "otel-tls")]
    hyper_rustls::HttpsConnectorBuilder::new()
        .with_provider_and_native_roots(rustls::crypto::ring::default_provider())
        .map(|builder| builder.https_or_http().enable_http1().build())
        .map_err(|error| format!("the system's root certificates cannot be loaded: {error}"))
}

/// The HTTP client of one signal. The SDK exports from threads of its own, which have no tokio runtime.
#[derive(Debug)]
struct Client {
    signal: &'static str,
    inner: HyperClient<Connector>,
    runtime: Handle,
}

impl Client {
    fn new(signal: &'static str, settings: &dyn Settings) -> Result<Option<Self>, String> {
        if !is_exported(signal, settings)? {
            return Ok(None);
        }
        let timeout = variable(signal, "TIMEOUT", settings).and_then(|(_, millis)| millis.parse().ok());
        let inner = HyperClient::new(connector()?, Duration::from_millis(timeout.unwrap_or(10_000)), None);
        let runtime = Handle::try_current().map_err(|error| error.to_string())?;
        Ok(Some(Client { signal, inner, runtime }))
    }
}

#[async_trait::async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, mut request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // An idle connection may have died while the process was frozen.
        request.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        let client = self.inner.clone();
        let sending = self.runtime.spawn(async move { client.send_bytes(request).await });
        let response = sending.await.map_err(HttpError::from).flatten();
        let failure = match &response {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("the collector answered {}", response.status())),
            Err(error) => {
                let cause = successors(error.source(), |cause| cause.source()).last();
                Some(cause.map_or_else(|| error.to_string(), ToString::to_string))
            }
        };
        report(self.signal, failure);
        response
    }
}

/// Counts the spans of failed exports, which the SDK drops.
#[derive(Debug)]
struct Counted(SpanExporter);

impl trace::SpanExporter for Counted {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        self.0.export(batch).await.inspect_err(|_| outage().lost += spans)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// The failures of exports. The first failure is logged, and so is the first success after it.
struct Outage {
    failing: Vec<&'static str>,
    failures: u32,
    paused_until: Option<Instant>,
    lost: usize,
}

static OUTAGE: Mutex<Outage> = Mutex::new(Outage { failing: Vec::new(), failures: 0, paused_until: None, lost: 0 });

fn outage() -> MutexGuard<'static, Outage> {
    OUTAGE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Whether the flushes after invocations are paused, because an export failed or was slow.
pub(super) fn is_paused() -> bool {
    outage().paused_until.is_some_and(|until| Instant::now() < until)
}

/// Pauses the flushes after invocations: first for a second, and for up to 32 after further failures.
pub(super) fn pause() {
    let mut outage = outage();
    outage.paused_until = Instant::now().checked_add(Duration::from_secs(1 << outage.failures.min(5)));
    outage.failures = outage.failures.saturating_add(1);
}

fn report(signal: &'static str, failure: Option<String>) {
    if failure.is_some() {
        pause();
    }
    let mut outage = outage();
    let was_failing = !outage.failing.is_empty();
    outage.failing.retain(|failing| *failing != signal);
    outage.failing.extend(failure.is_some().then_some(signal));
    if outage.failing.is_empty() {
        (outage.failures, outage.paused_until) = (0, None);
    }
    match failure {
        Some(reason) if !was_failing => log::warn(format_args!("traces and metrics cannot be exported: {reason}")),
        None if was_failing && outage.failing.is_empty() => {
            let lost = std::mem::take(&mut outage.lost);
            log::warn(format_args!("traces and metrics are exported again; {lost} spans were lost"));
        }
        _ => {}
    }
}

/// Reads `OTEL_EXPORTER_OTLP_<SIGNAL>_<NAME>`, or else `OTEL_EXPORTER_OTLP_<NAME>`.
fn variable(signal: &str, name: &str, settings: &dyn Settings) -> Option<(String, String)> {
    let names = [format!("OTEL_EXPORTER_OTLP_{signal}_{name}"), format!("OTEL_EXPORTER_OTLP_{name}")];
    names.into_iter().find_map(|name| settings.get(&name).map(|value| (name, value)))
}

/// Whether a signal is exported: if an endpoint is configured, or if OTLP is selected by name.
fn is_exported(signal: &str, settings: &dyn Settings) -> Result<bool, String> {
    let (selector, endpoint) = (format!("OTEL_{signal}_EXPORTER"), variable(signal, "ENDPOINT", settings));
    match settings.get(&selector).as_deref() {
        Some("none") => return Ok(false),
        None if endpoint.is_none() => return Ok(false),
        None | Some("otlp") => {}
        Some(other) => return Err(format!("invalid value for {selector}: expected otlp or none, got {other:?}")),
    }
    if let Some((name, protocol)) = variable(signal, "PROTOCOL", settings).filter(|(_, it)| it != "http/protobuf") {
        return Err(format!("invalid value for {name}: expected http/protobuf (usually port 4318), got {protocol:?}"));
    }
    let Some((name, endpoint)) = endpoint else { return Ok(true) };
    let uri = endpoint.parse::<Uri>().unwrap_or_default();
    // The value itself is not logged, because it may contain a password.
    let reason = match (uri.scheme_str(), uri.authority()) {
        (_, Some(authority)) if authority.as_str().contains('@') => "credentials belong in OTEL_EXPORTER_OTLP_HEADERS",
        (Some("http"), Some(_)) => return Ok(true),
        (Some("https"), Some(_)) if cfg!(feature = "otel-tls") => return Ok(true),
        (Some("https"), Some(_)) => "https needs the feature `otel-tls`, or a local collector (http://localhost:4318)",
        _ => "expected a URL such as http://localhost:4318",
    };
    Err(format!("invalid value for {name}: {reason}"))
}

/// Returns a warning for each signal whose headers, which usually contain a key, are sent over the network in clear text.
pub(super) fn clear_text(settings: &dyn Settings) -> Vec<String> {
    let of_signal = |signal: &str| {
        let (endpoint_name, endpoint) = variable(signal, "ENDPOINT", settings)?;
        let (headers_name, _) = variable(signal, "HEADERS", settings)?;
        let uri = endpoint.parse::<Uri>().ok()?;
        let is_exposed = is_exported(signal, settings) == Ok(true)
            && uri.scheme_str() == Some("http")
            && !uri.host().is_some_and(is_loopback);
        is_exposed.then(|| {
            format!(
                "the headers in {headers_name} are sent in clear text, because {endpoint_name} is an http URL of another host: use an https \
                 URL with the feature `otel-tls`, or a collector on this host (http://localhost:4318)"
            )
        })
    };
    let mut warnings: Vec<_> = ["TRACES", "METRICS"].into_iter().filter_map(of_signal).collect();
    warnings.dedup();
    warnings
}

/// Whether a host is this machine: it does not leave the machine what is sent there.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_address = |address: IpAddr| address.to_canonical().is_loopback();
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(is_address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_in_clear_text_are_reported() {
        let warnings = |table: &[(&str, &str)]| {
            clear_text(&|name: &str| table.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned()))
        };
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter2");
        for (endpoint, is_reported) in [
            ("http://collector:4318", true),
            ("http://10.0.0.7:4318", true),
            ("http://[fe80::1]:4318", true),
            ("http://localhost.evil.example", true),
            ("http://127.0.0.1.evil.example", true),
            ("HTTP://collector", true),
            ("http://localhost:4318", false),
            ("http://LOCALHOST", false),
            ("http://127.0.0.1:4318", false),
            ("http://127.8.8.8", false),
            ("http://[::1]:4318", false),
            ("http://[::ffff:127.0.0.1]:4318", false),
            ("https://collector", false),
            ("hunter2", false),
        ] {
            let found = warnings(&[headers, ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]);
            assert_eq!(found.len(), usize::from(is_reported), "{endpoint}: {found:?}");
            assert!(!found.iter().any(|line| line.contains("hunter2") || line.contains("collector:")), "{found:?}");
        }
        assert!(warnings(&[headers]).is_empty());
        assert!(warnings(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "http://collector")]).is_empty());
        let of_metrics = ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://collector");
        let found = warnings(&[("OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a=b"), of_metrics]);
        assert!(
            found[0].contains("OTEL_EXPORTER_OTLP_METRICS_HEADERS") && found[0].contains(of_metrics.0),
            "{found:?}"
        );
        assert!(warnings(&[headers, of_metrics, ("OTEL_METRICS_EXPORTER", "none")]).is_empty());
    }

    fn traces(table: &[(&str, &str)]) -> Result<bool, String> {
        let get = |name: &str| table.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        is_exported("TRACES", &get)
    }

    #[test]
    fn a_signal_is_exported_if_an_endpoint_or_otlp_is_configured() {
        let here = ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://localhost:4318");
        assert_eq!(traces(&[]), Ok(false));
        assert_eq!(traces(&[here]), Ok(true));
        assert_eq!(traces(&[("OTEL_TRACES_EXPORTER", "otlp")]), Ok(true));
        assert_eq!(traces(&[here, ("OTEL_TRACES_EXPORTER", "none")]), Ok(false));
        assert_eq!(traces(&[here, ("OTEL_METRICS_EXPORTER", "none")]), Ok(true));
        assert!(traces(&[here, ("OTEL_TRACES_EXPORTER", "zipkin")]).is_err());
        assert_eq!(traces(&[("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://a/m")]), Ok(false));
        assert_eq!(traces(&[("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://a/t")]), Ok(true));
        assert!(traces(&[here, ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")]).is_err());
        assert!(traces(&[here, ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "http/json")]).is_err());
        let tls = traces(&[("OTEL_EXPORTER_OTLP_ENDPOINT", "https://a")]);
        assert_eq!(tls.is_ok(), cfg!(feature = "otel-tls"));
    }

    #[test]
    fn an_endpoint_that_is_refused_is_not_shown() {
        for (endpoint, reason) in [
            ("http://user:hunter2@a:4318", "OTEL_EXPORTER_OTLP_HEADERS"),
            ("https://user:hunter2@a", "OTEL_EXPORTER_OTLP_HEADERS"),
            ("http://hunter2…", "expected a URL"),
            ("hunter2:4318", "expected a URL"),
            ("hunter2", "expected a URL"),
        ] {
            let error = traces(&[("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)]).expect_err(endpoint);
            assert!(error.contains("OTEL_EXPORTER_OTLP_ENDPOINT: ") && error.contains(reason), "{error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
    }
}
