use std::{sync::Arc, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue};
use omnifn_core::{Invocation, Settings, TraceContext, forwarded, headers, whole_number};

/// What Cloud Run (or Knative) says of the service that this function runs in.
///
/// ```
/// use omnifn_core::Context;
/// use omnifn_gcp::CloudRunContext;
///
/// async fn revision(ctx: Context) -> String {
///     let service = ctx.provider_context::<CloudRunContext>().and_then(|cloud_run| cloud_run.service.as_deref());
///     format!("{} of {}", ctx.function_version().unwrap_or("no revision"), service.unwrap_or("no service"))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CloudRunContext {
    /// The service's name: `K_SERVICE`.
    pub service: Option<Arc<str>>,
    /// The configuration that made the revision: `K_CONFIGURATION`.
    pub configuration: Option<Arc<str>>,
    /// The header `Function-Execution-Id`, where it came.
    pub execution_id: Option<String>,
}

/// What holds for each invocation of the process.
#[derive(Debug)]
pub(crate) struct Platform {
    revision: Option<Arc<str>>,
    timeout: Option<Duration>,
    trusted_hops: usize,
    /// What nearly all invocations have: nothing of its own.
    common: Arc<CloudRunContext>,
}

/// What the platform puts before a request, and the attributes of an event.
pub(crate) static USUAL_HEADERS: [HeaderName; 12] = [
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("x-forwarded-for"),
    HeaderName::from_static("x-forwarded-proto"),
    HeaderName::from_static("x-cloud-trace-context"),
    HeaderName::from_static("ce-id"),
    HeaderName::from_static("ce-source"),
    HeaderName::from_static("ce-specversion"),
    HeaderName::from_static("ce-type"),
    HeaderName::from_static("ce-subject"),
    HeaderName::from_static("ce-time"),
    HeaderName::from_static("ce-bucket"),
    HeaderName::from_static("ce-dataschema"),
];

impl Platform {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let [service, configuration, revision] =
            ["K_SERVICE", "K_CONFIGURATION", "K_REVISION"].map(|name| shared(settings, name));
        let seconds = whole_number(settings, "CLOUD_RUN_TIMEOUT_SECONDS");
        Platform {
            common: Arc::new(CloudRunContext { service, configuration, execution_id: None }),
            revision,
            timeout: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
            trusted_hops: forwarded::trusted_hops(settings),
        }
    }

    /// What the environment says of the service, by [the conventions](https://opentelemetry.io/docs/specs/semconv/resource/faas/).
    /// Whose Knative it is, nobody says.
    pub(crate) fn resource(&self) -> Vec<(&'static str, String)> {
        let known = [
            ("service.name", &self.common.service),
            ("faas.name", &self.common.service),
            ("faas.version", &self.revision),
        ];
        known.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?.to_owned()))).collect()
    }

    pub(crate) fn invocation(&self, headers: &HeaderMap) -> Invocation {
        let names = ["function-execution-id", "traceparent", "x-cloud-trace-context"];
        let [execution_id, traceparent, cloud_trace] = headers::first(headers, names);
        let execution_id = execution_id.and_then(text).filter(|id| is_fit(id)).map(str::to_owned);
        let context = match &execution_id {
            None => self.common.clone(),
            Some(_) => Arc::new(CloudRunContext { execution_id: execution_id.clone(), ..(*self.common).clone() }),
        };
        Invocation {
            id: execution_id,
            version: self.revision.clone(),
            timeout: self.timeout,
            trace: traceparent
                .and_then(TraceContext::from_header)
                .or_else(|| cloud_trace.and_then(text).and_then(TraceContext::from_cloud_trace)),
            client_ip: forwarded::client_ip(headers, self.trusted_hops),
            provider: Some(context),
            ..Invocation::default()
        }
    }
}

/// What a setting says, for all invocations.
#[inline(never)]
pub(crate) fn shared(settings: &dyn Settings, name: &str) -> Option<Arc<str>> {
    settings.get(name).map(Arc::from)
}

fn text(value: &HeaderValue) -> Option<&str> {
    std::str::from_utf8(value.as_bytes()).ok()
}

/// An id that is fit for a log line: a caller could send any.
fn is_fit(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
