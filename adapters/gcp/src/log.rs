//! Lines as Cloud Logging reads them.
//!
//! The contract: <https://cloud.google.com/logging/docs/structured-logging>.

use std::sync::Arc;

use omnifn_core::{
    Settings,
    log::{Decimal, Entry, Format, Level, Object, Value},
};

use crate::CloudRunContext;

/// A line of JSON, with the fields that Cloud Logging takes for its own.
#[derive(Debug, Clone)]
pub(crate) struct CloudLog {
    project: Option<Arc<str>>,
}

impl CloudLog {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let names = ["GOOGLE_CLOUD_PROJECT", "GCP_PROJECT", "GCLOUD_PROJECT"];
        CloudLog { project: names.iter().find_map(|name| settings.get(name)).map(Arc::from) }
    }
}

fn severity(level: Level) -> &'static str {
    match level {
        Level::Error => "ERROR",
        Level::Warn => "WARNING",
        Level::Info => "INFO",
        Level::Debug | Level::Trace => "DEBUG",
    }
}

impl Format for CloudLog {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let mut line = Object::begin(out);
        line.text("severity", severity(entry.level));
        match entry.error_name {
            Some(name) => line.shown("message", &format_args!("{name}: {}", entry.message)),
            None => line.shown("message", entry.message),
        }
        line.time("time", entry.time);
        line.maybe("error", entry.error_name.as_ref().map(|name| name as _));
        for (name, value) in entry.fields {
            line.value(name, value);
        }
        if let Some(request) = &entry.request {
            let took = entry.fields.iter().find_map(|(name, value)| match value {
                Value::Millis(took) if *name == "duration_ms" => Some(Decimal::seconds(*took)),
                _ => None,
            });
            line.nested("httpRequest", |http| {
                http.text("requestMethod", request.method);
                http.text("requestUrl", request.path);
                http.value("status", &Value::Unsigned(request.status.into()));
                if let Some(seconds) = took {
                    http.shown("latency", &format_args!("{seconds}s"));
                }
            });
        }
        if let Some(context) = entry.context {
            if let Some(trace) = context.trace() {
                match &self.project {
                    Some(project) => line.shown(
                        "logging.googleapis.com/trace",
                        &format_args!("projects/{project}/traces/{}", trace.trace_id()),
                    ),
                    None => line.shown("logging.googleapis.com/trace", &trace.trace_id()),
                }
                line.maybe("logging.googleapis.com/spanId", trace.parent_id().as_ref().map(|id| id as _));
                line.value("logging.googleapis.com/trace_sampled", &Value::Truth(trace.sampled()));
            }
            let given = context.provider_context::<CloudRunContext>().and_then(|context| context.execution_id.as_ref());
            line.nested("logging.googleapis.com/labels", |labels| {
                labels.text("function", context.function_name());
                labels.text("invocation_id", context.invocation_id());
                labels.maybe("execution_id", given.map(|id| id as _));
            });
        }
        line.text("logger", entry.target);
        line.end();
        out.push(b'\n');
    }
}
