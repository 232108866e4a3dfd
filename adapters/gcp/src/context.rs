use std::{sync::Arc, time::Duration};

use http::HeaderMap;
use omnifn_core::{Invocation, Settings, TraceContext, forwarded};

/// The service that this function runs in, on Cloud Run or Knative.
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
    /// The header `Function-Execution-Id`, if it was sent. It is not trusted: any caller can send it, so it may be the id of another
    /// invocation. The invocation has an id of its own ([`Context::invocation_id`](omnifn_core::Context::invocation_id)).
    pub claimed_execution_id: Option<String>,
}

/// The data that all invocations of the process share.
#[derive(Debug)]
pub(crate) struct Platform {
    revision: Option<Arc<str>>,
    timeout: Option<Duration>,
    trusted_hops: usize,
    /// The context of almost all invocations, which have no data of their own.
    common: Arc<CloudRunContext>,
}

impl Platform {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let [service, configuration, revision] =
            ["K_SERVICE", "K_CONFIGURATION", "K_REVISION"].map(|name| shared(settings, name));
        let seconds = settings.get("CLOUD_RUN_TIMEOUT_SECONDS").and_then(|seconds| seconds.trim().parse().ok());
        Platform {
            common: Arc::new(CloudRunContext { service, configuration, claimed_execution_id: None }),
            revision,
            timeout: seconds.filter(|seconds| *seconds > 0).map(Duration::from_secs),
            trusted_hops: forwarded::trusted_hops(settings),
        }
    }

    /// Returns the attributes of the service, by [the conventions](https://opentelemetry.io/docs/specs/semconv/resource/faas/).
    /// On Knative, the cloud is unknown.
    pub(crate) fn resource(&self) -> Vec<(&'static str, String)> {
        let known = [
            ("service.name", &self.common.service),
            ("faas.name", &self.common.service),
            ("faas.version", &self.revision),
        ];
        known.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?.to_owned()))).collect()
    }

    pub(crate) fn invocation(&self, headers: &HeaderMap) -> Invocation {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let claimed_execution_id = text("function-execution-id").filter(|id| is_fit(id)).map(str::to_owned);
        let context = match claimed_execution_id {
            None => self.common.clone(),
            claimed_execution_id => Arc::new(CloudRunContext { claimed_execution_id, ..(*self.common).clone() }),
        };
        Invocation {
            version: self.revision.clone(),
            timeout: self.timeout,
            trace: text("traceparent")
                .and_then(TraceContext::from_traceparent)
                .or_else(|| text("x-cloud-trace-context").and_then(TraceContext::from_cloud_trace)),
            client_ip: forwarded::client_ip(headers, self.trusted_hops),
            provider: Some(context),
            ..Invocation::default()
        }
    }
}

/// Returns a setting, to be shared by all invocations.
pub(crate) fn shared(settings: &dyn Settings, name: &str) -> Option<Arc<str>> {
    settings.get(name).map(Arc::from)
}

/// Whether an id is fit for a log line, because a caller could send any text.
fn is_fit(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}
