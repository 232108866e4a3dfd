//! Lines as Cloud Logging reads them.
//!
//! The contract: <https://cloud.google.com/logging/docs/structured-logging>.

use std::sync::Arc;

use omnifn_core::{
    Context, Settings,
    log::{
        Answered, Decimal, Entry, Format, Level, Value, write_escaped, write_escaped_shown, write_time, write_unsigned,
        write_value,
    },
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
    // Piece by piece, for there is one for each request: the names stand here as they are written.
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        raw(out, r#"{"severity":""#);
        raw(out, severity(entry.level));
        raw(out, r#"","message":""#);
        if let Some(name) = entry.error_name {
            write_escaped(name, out);
            raw(out, ": ");
        }
        match entry.text {
            Some(text) => write_escaped(text, out),
            None => write_escaped_shown(entry.message, out),
        }
        raw(out, r#"","time":""#);
        write_time(entry.time, out);
        raw(out, "\"");
        if let Some(name) = entry.error_name {
            raw(out, r#","error":""#);
            write_escaped(name, out);
            raw(out, "\"");
        }
        for (name, value) in entry.fields {
            raw(out, ",\"");
            write_escaped(name, out);
            raw(out, "\":");
            write_value(value, out);
        }
        if let Some(request) = &entry.request {
            answered(request, entry.fields, out);
        }
        if let Some(context) = entry.context {
            self.invocation(context, out);
        }
        raw(out, r#","logger":""#);
        write_escaped(entry.target, out);
        raw(out, "\"}\n");
    }
}

impl CloudLog {
    fn invocation(&self, context: &Context, out: &mut Vec<u8>) {
        if let Some(trace) = context.trace() {
            raw(out, r#","logging.googleapis.com/trace":""#);
            if let Some(project) = &self.project {
                raw(out, "projects/");
                write_escaped(project, out);
                raw(out, "/traces/");
            }
            write_escaped(&trace.trace_id(), out);
            if let Some(id) = trace.parent_id() {
                raw(out, r#"","logging.googleapis.com/spanId":""#);
                write_escaped(&id, out);
            }
            raw(out, r#"","logging.googleapis.com/trace_sampled":"#);
            raw(out, if trace.sampled() { "true" } else { "false" });
        }
        raw(out, r#","logging.googleapis.com/labels":{"function":""#);
        write_escaped(context.function_name(), out);
        raw(out, r#"","invocation_id":""#);
        write_escaped(context.invocation_id(), out);
        let given = context.provider_context::<CloudRunContext>().and_then(|context| context.execution_id.as_ref());
        if let Some(id) = given {
            raw(out, r#"","execution_id":""#);
            write_escaped(id, out);
        }
        raw(out, "\"}");
    }
}

/// The request, as the log viewer shows it.
fn answered(request: &Answered<'_>, fields: &[(&str, Value<'_>)], out: &mut Vec<u8>) {
    raw(out, r#","httpRequest":{"requestMethod":""#);
    // A method has no character that JSON escapes (RFC 9110, 5.6.2).
    raw(out, request.method);
    raw(out, r#"","requestUrl":""#);
    write_escaped(request.path, out);
    raw(out, r#"","status":"#);
    write_unsigned(request.status.into(), out);
    let took = fields.iter().find_map(|(name, value)| match value {
        Value::Millis(took) if *name == "duration_ms" => Some(Decimal::seconds(*took)),
        _ => None,
    });
    if let Some(seconds) = took {
        raw(out, r#","latency":""#);
        seconds.write(0, out);
        raw(out, "s\"");
    }
    raw(out, "}");
}

// Inlined: then the piece is not copied from elsewhere, but is a part of the code.
#[inline(always)]
fn raw(out: &mut Vec<u8>, json: &str) {
    out.extend_from_slice(json.as_bytes());
}
