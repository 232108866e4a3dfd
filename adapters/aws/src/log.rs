//! Lines as Lambda's log group has them: JSON where the function's log format says so, else text; and the one of each invocation as
//! metrics of CloudWatch, where that is wanted.
//!
//! The contracts: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>,
//! <https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html>.

use std::{sync::Arc, time::UNIX_EPOCH};

use omnifn_core::{
    Settings,
    log::{Entry, Format, Level, Object, Plain, Value},
};

/// What `AWS_LAMBDA_LOG_FORMAT`, `AWS_LAMBDA_LOG_LEVEL` and `OMNIFN_AWS_METRICS` say.
#[derive(Debug, Clone)]
pub(crate) struct LambdaLog {
    is_json: bool,
    level: Option<Level>,
    /// The namespace of the metrics.
    metrics: Option<Arc<str>>,
}

/// Each metric: its name, and its unit.
const METRICS: [(&str, &str); 5] = [
    ("invocations", "Count"),
    ("failed", "Count"),
    ("records", "Count"),
    ("cold_starts", "Count"),
    ("duration_ms", "Milliseconds"),
];

impl LambdaLog {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let is_json = settings.get("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json"));
        let level = settings.get("AWS_LAMBDA_LOG_LEVEL").as_deref().and_then(Level::named);
        // The platform filters only what is JSON, and says the level only then.
        let metrics = settings.get("OMNIFN_AWS_METRICS").map(Arc::from);
        LambdaLog { is_json, level: level.filter(|_| is_json), metrics }
    }
}

impl Format for LambdaLog {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let metrics = entry.ended.and(self.metrics.as_deref());
        if !self.is_json && metrics.is_none() {
            return Plain.write(entry, out);
        }
        let mut line = Object::begin(out);
        if let Some(namespace) = metrics {
            line.nested("_aws", |aws| described(entry, namespace, aws));
            line.value("invocations", &Value::Unsigned(1));
            let is_cold = entry.context.is_some_and(|context| context.cold_start());
            line.value("cold_starts", &Value::Unsigned(is_cold.into()));
        }
        line.time("timestamp", entry.time);
        line.shown("level", &entry.level.name());
        line.message("message", entry);
        if let Some(context) = entry.context {
            line.shown("requestId", &context.invocation_id());
            line.shown("function", &context.function_name());
            line.maybe("traceId", context.trace().map(|trace| trace.trace_id()).as_ref().map(|id| id as _));
        }
        line.maybe("errorType", entry.error_name.as_ref().map(|name| name as _));
        line.shown("logger", &entry.target);
        for (name, value) in entry.all_fields() {
            // The platform's own name for it.
            line.value(if name == "invocation_id" { "requestId" } else { name }, &value);
        }
        if let Some(request) = entry.request() {
            line.value("status", &Value::Unsigned(request.status.into()));
        }
        line.end();
        out.push(b'\n');
    }

    fn level(&self) -> Option<Level> {
        self.level
    }
}

/// Which fields of the line are metrics, and of what.
#[inline(never)]
fn described(entry: &Entry<'_>, namespace: &str, aws: &mut Object<'_>) {
    let millis = entry.time.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    aws.value("Timestamp", &Value::Unsigned(u64::try_from(millis).unwrap_or_default()));
    aws.list("CloudWatchMetrics", |directives| {
        directives.nested(|directive| {
            directive.text("Namespace", namespace);
            directive.list("Dimensions", |sets| sets.list(|set| set.shown(&"function")));
            directive.list("Metrics", |metrics| {
                let has_records = entry.ended.is_some_and(|ended| ended.records.is_some());
                for (name, unit) in METRICS.into_iter().filter(|(name, _)| *name != "records" || has_records) {
                    metrics.nested(|metric| {
                        metric.text("Name", name);
                        metric.text("Unit", unit);
                    });
                }
            });
        });
    });
}
