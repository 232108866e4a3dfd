//! Log lines as Lambda's log group takes them: JSON if the function's log format is JSON, otherwise text. With
//! `OMNIFN_AWS_METRICS`, the line of each invocation is CloudWatch metrics.
//!
//! The contracts: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::sync::Arc;

use omnifn_core::{
    Settings,
    event::time::{rfc3339, to_millis},
    log::{self, Entry, Format, Level, Members, Plain, write_json},
};
use serde::Serialize;
use serde_json::{Value, json};

/// The settings `AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL` and `OMNIFN_AWS_METRICS`.
#[derive(Debug, Clone)]
pub(crate) struct LambdaLog {
    is_json: bool,
    level: Option<Level>,
    /// The namespace of the metrics.
    metrics: Option<Arc<str>>,
}

impl LambdaLog {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let is_json = settings.get("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json"));
        // The platform filters only JSON, and sets the level only for it.
        let level = settings.get("AWS_LAMBDA_LOG_LEVEL").as_deref().and_then(log::level).filter(|_| is_json);
        LambdaLog { is_json, level, metrics: settings.get("OMNIFN_AWS_METRICS").map(Arc::from) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'e> {
    #[serde(flatten)]
    metrics: Option<Metrics>,
    timestamp: String,
    level: &'static str,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_type: Option<&'e str>,
    logger: &'e str,
    #[serde(flatten)]
    fields: Members<'e>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

/// The fields that make a line metrics, in addition to its other fields.
#[derive(Serialize)]
struct Metrics {
    #[serde(rename = "_aws")]
    aws: Value,
    invocations: u8,
    cold_starts: u8,
}

impl Metrics {
    fn new(entry: &Entry<'_>, namespace: &str) -> Self {
        let metric = |name: &str, unit: &str| json!({"Name": name, "Unit": unit});
        let counted = ["invocations", "failed", "records", "cold_starts"];
        let counted = counted.into_iter().filter(|name| *name != "records" || entry.field("records").is_some());
        let mut metrics: Vec<_> = counted.map(|name| metric(name, "Count")).collect();
        metrics.push(metric("duration_ms", "Milliseconds"));
        let directive = json!({"Namespace": namespace, "Dimensions": [["function"]], "Metrics": metrics});
        let aws = json!({"Timestamp": to_millis(entry.time), "CloudWatchMetrics": [directive]});
        let is_cold = entry.context.as_ref().is_some_and(|context| context.cold_start());
        Metrics { aws, invocations: 1, cold_starts: is_cold.into() }
    }
}

impl Format for LambdaLog {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let namespace = self.metrics.as_deref().filter(|_| entry.duration_ms().is_some());
        if !self.is_json && namespace.is_none() {
            return Plain.write(entry, out);
        }
        let context = entry.context.as_ref();
        let line = Line {
            metrics: namespace.map(|namespace| Metrics::new(entry, namespace)),
            timestamp: rfc3339(entry.time),
            level: entry.level.as_str(),
            message: &entry.message,
            request_id: context.map(|context| context.invocation_id()),
            function: context.map(|context| context.function_name()),
            trace_id: context.and_then(|context| context.trace()).map(|trace| trace.trace_id()),
            error_type: entry.error.as_deref(),
            logger: entry.target,
            fields: entry.members("requestId"),
            status: entry.request.as_ref().map(|request| request.status),
        };
        write_json(&line, out);
    }

    fn level(&self) -> Option<Level> {
        self.level
    }
}
