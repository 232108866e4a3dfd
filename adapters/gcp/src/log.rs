//! Log lines as Cloud Logging reads them.
//!
//! The contract: <https://cloud.google.com/logging/docs/structured-logging>.

use std::{borrow::Cow, sync::Arc};

use omnifn_core::{
    Context, Settings, TraceContext,
    event::time::rfc3339,
    log::{Entry, Format, Level, Members, write_json},
};
use serde::Serialize;

use crate::{CloudRunContext, context::shared};

/// Formats JSON with the fields that Cloud Logging interprets.
#[derive(Debug, Clone)]
pub(crate) struct CloudLog {
    project: Option<Arc<str>>,
}

impl CloudLog {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let names = ["GOOGLE_CLOUD_PROJECT", "GCP_PROJECT", "GCLOUD_PROJECT"];
        CloudLog { project: names.iter().find_map(|name| shared(settings, name)) }
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::WARN => "WARNING",
        Level::TRACE => "DEBUG",
        level => level.as_str(),
    }
}

#[derive(Serialize)]
struct Line<'e> {
    severity: &'static str,
    message: Cow<'e, str>,
    time: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'e str>,
    #[serde(rename = "httpRequest", skip_serializing_if = "Option::is_none")]
    request: Option<HttpRequest<'e>>,
    #[serde(flatten)]
    fields: Members<'e>,
    #[serde(flatten)]
    trace: Option<Trace>,
    #[serde(rename = "logging.googleapis.com/labels", skip_serializing_if = "Option::is_none")]
    labels: Option<Labels<'e>>,
    logger: &'e str,
}

/// The request, as the log viewer shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct HttpRequest<'e> {
    request_method: &'e str,
    request_url: &'e str,
    status: u16,
    latency: String,
}

impl<'e> HttpRequest<'e> {
    fn of(entry: &'e Entry<'_>) -> Option<Self> {
        let request = entry.request.as_ref()?;
        // Rounded, so that 12.3 ms is 0.0123 s and not 0.012300000000000002 s.
        let seconds = (entry.duration_ms().unwrap_or_default() * 10.0).round() / 10_000.0;
        let (request_method, request_url) = (&*request.method, &*request.path);
        Some(HttpRequest { request_method, request_url, status: request.status, latency: format!("{seconds}s") })
    }
}

#[derive(Serialize)]
struct Trace {
    #[serde(rename = "logging.googleapis.com/trace")]
    trace: String,
    #[serde(rename = "logging.googleapis.com/spanId", skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
    #[serde(rename = "logging.googleapis.com/trace_sampled")]
    sampled: bool,
}

impl Trace {
    fn new(trace: &TraceContext, project: Option<&str>) -> Self {
        let id = trace.trace_id();
        let id = project.map_or_else(|| id.clone(), |project| format!("projects/{project}/traces/{id}"));
        Trace { trace: id, span_id: trace.parent_id(), sampled: trace.sampled() }
    }
}

#[derive(Serialize)]
struct Labels<'e> {
    function: &'e str,
    invocation_id: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_execution_id: Option<&'e str>,
}

impl<'e> Labels<'e> {
    fn of(context: &'e Context) -> Self {
        let platform = context.provider_context::<CloudRunContext>();
        let claimed_execution_id = platform.and_then(|platform| platform.claimed_execution_id.as_deref());
        Labels { function: context.function_name(), invocation_id: context.invocation_id(), claimed_execution_id }
    }
}

impl Format for CloudLog {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let context = entry.context.as_ref();
        let trace = context.and_then(|context| context.trace());
        let line = Line {
            severity: severity(entry.level),
            message: match (&entry.error, &entry.request) {
                (Some(name), _) => format!("{name}: {}", entry.message).into(),
                // The path is in `httpRequest`.
                (None, Some(request)) => format!("{} → {}", request.method, request.status).into(),
                (None, None) => entry.message.as_str().into(),
            },
            time: rfc3339(entry.time),
            error: entry.error.as_deref(),
            request: HttpRequest::of(entry),
            fields: entry.members("invocation_id"),
            trace: trace.map(|trace| Trace::new(trace, self.project.as_deref())),
            labels: context.map(Labels::of),
            logger: entry.target,
        };
        write_json(&line, out);
    }
}
