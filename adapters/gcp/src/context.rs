use std::{sync::Arc, time::Duration};

use http::{HeaderMap, request::Parts};
use omnifn_core::{Invocation, Settings, TraceContext, forwarded};

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
    service: Option<Arc<str>>,
    configuration: Option<Arc<str>>,
    revision: Option<Arc<str>>,
    timeout: Option<Duration>,
    trusted_hops: usize,
}

impl Platform {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let get = |name: &str| settings.get(name).map(Arc::from);
        let seconds = settings.get("CLOUD_RUN_TIMEOUT_SECONDS").and_then(|seconds| seconds.trim().parse().ok());
        Platform {
            service: get("K_SERVICE"),
            configuration: get("K_CONFIGURATION"),
            revision: get("K_REVISION"),
            timeout: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
            trusted_hops: forwarded::trusted_hops(settings),
        }
    }

    /// What the environment says of the service, by [the conventions](https://opentelemetry.io/docs/specs/semconv/resource/faas/).
    /// Whose Knative it is, nobody says.
    pub(crate) fn resource(&self) -> Vec<(&'static str, String)> {
        let known = [("service.name", &self.service), ("faas.name", &self.service), ("faas.version", &self.revision)];
        known.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?.to_owned()))).collect()
    }

    pub(crate) fn invocation(&self, head: &Parts) -> Invocation {
        let execution_id = execution_id(&head.headers);
        let context = CloudRunContext {
            service: self.service.clone(),
            configuration: self.configuration.clone(),
            execution_id: execution_id.clone(),
        };
        Invocation {
            id: execution_id,
            version: self.revision.clone(),
            timeout: self.timeout,
            trace: trace(&head.headers),
            client_ip: forwarded::client_ip(&head.headers, self.trusted_hops),
            provider: Some(std::sync::Arc::new(context)),
            ..Invocation::default()
        }
    }
}

/// An id that is fit for a log line: a caller could send any.
fn execution_id(headers: &HeaderMap) -> Option<String> {
    let id = headers.get("function-execution-id")?.to_str().ok()?;
    let fit =
        (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
    fit.then(|| id.to_owned())
}

fn trace(headers: &HeaderMap) -> Option<TraceContext> {
    let get = |name: &str| headers.get(name)?.to_str().ok();
    let w3c = get("traceparent").and_then(TraceContext::from_traceparent);
    w3c.or_else(|| get("x-cloud-trace-context").and_then(TraceContext::from_cloud_trace))
}
