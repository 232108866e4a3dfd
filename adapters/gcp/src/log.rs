//! Lines as Cloud Logging reads them.
//!
//! The contract: <https://cloud.google.com/logging/docs/structured-logging>.

use std::{ops::Range, sync::Arc};

use omnifn_core::{
    Context, Settings,
    log::{Decimal, Ended, Entry, Format, Level, write_escaped, write_time, write_unsigned, write_value},
};

use crate::{CloudRunContext, context::shared};

/// A line of JSON, with the fields that Cloud Logging takes for its own.
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
        Level::Error => "ERROR",
        Level::Warn => "WARNING",
        Level::Info => "INFO",
        Level::Debug | Level::Trace => "DEBUG",
    }
}

impl Format for CloudLog {
    // Piece by piece, for there is one for each request: the names stand here as they are written.
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        match (entry.level, entry.error_name) {
            (Level::Info, None) => raw(out, r#"{"severity":"INFO","message":""#),
            (level, name) => {
                rare(out, r#"{"severity":""#);
                rare(out, severity(level));
                rare(out, r#"","message":""#);
                if let Some(name) = name {
                    write_escaped(name, out);
                    rare(out, ": ");
                }
            }
        }
        // As it is written, for it comes once more.
        let mut path = 0..0;
        match entry.request() {
            Some(request) => request.write(out, |text, out| {
                let from = out.len();
                write_escaped(text, out);
                path = from..out.len();
            }),
            None => entry.write_message(out, write_escaped),
        }
        raw(out, r#"","time":""#);
        write_time(entry.time, out);
        raw(out, "\"");
        if let Some(name) = entry.error_name {
            rare(out, r#","error":""#);
            write_escaped(name, out);
            rare(out, "\"");
        }
        if let Some(end) = &entry.ended {
            ended(end, path, out);
        }
        for (name, value) in entry.fields {
            rare(out, ",\"");
            write_escaped(name, out);
            rare(out, "\":");
            write_value(value, out);
        }
        if let Some(context) = entry.context {
            self.invocation(context, out);
        }
        if entry.target == "omnifn" {
            return raw(out, ",\"logger\":\"omnifn\"}\n");
        }
        rare(out, r#","logger":""#);
        write_escaped(entry.target, out);
        rare(out, "\"}\n");
    }
}

impl CloudLog {
    fn invocation(&self, context: &Context, out: &mut Vec<u8>) {
        if let Some(trace) = context.trace() {
            raw(out, r#","logging.googleapis.com/trace":""#);
            if let Some(project) = &self.project {
                rare(out, "projects/");
                write_escaped(project, out);
                rare(out, "/traces/");
            }
            out.extend_from_slice(&trace.trace_digits());
            if let Some(id) = trace.parent_digits() {
                raw(out, r#"","logging.googleapis.com/spanId":""#);
                out.extend_from_slice(&id);
            }
            raw(out, r#"","logging.googleapis.com/trace_sampled":"#);
            raw(out, if trace.sampled() { "true" } else { "false" });
        }
        raw(out, r#","logging.googleapis.com/labels":{"function":""#);
        // One that every platform takes as it is.
        raw(out, context.function_name());
        raw(out, r#"","invocation_id":""#);
        write_escaped(context.invocation_id(), out);
        let given = context.provider_context::<CloudRunContext>().and_then(|context| context.execution_id.as_ref());
        if let Some(id) = given {
            rare(out, r#"","execution_id":""#);
            write_escaped(id, out);
        }
        raw(out, "\"}");
    }
}

fn ended(ended: &Ended<'_>, path: Range<usize>, out: &mut Vec<u8>) {
    raw(out, r#","duration_ms":"#);
    Decimal::millis(ended.took).write(0, out);
    raw(out, if ended.cold_start { r#","cold_start":true,"failed":"# } else { r#","cold_start":false,"failed":"# });
    write_unsigned(ended.failed, out);
    if let Some(records) = ended.records {
        rare(out, r#","records":"#);
        write_unsigned(records, out);
    }
    // As the log viewer shows it.
    if let Some(request) = &ended.request {
        raw(out, r#","httpRequest":{"requestMethod":""#);
        // A method has no character that JSON escapes (RFC 9110, 5.6.2).
        raw(out, request.method);
        raw(out, r#"","requestUrl":""#);
        out.extend_from_within(path);
        raw(out, r#"","status":"#);
        write_unsigned(request.status.into(), out);
        raw(out, r#","latency":""#);
        Decimal::seconds(ended.took).write(0, out);
        raw(out, "s\"}");
    }
}

// Inlined: then the piece is not copied from elsewhere, but is a part of the code.
#[inline(always)]
fn raw(out: &mut Vec<u8>, json: &str) {
    out.extend_from_slice(json.as_bytes());
}

/// The same of what the line of a request mostly is without: in one place, which is smaller.
#[inline(never)]
fn rare(out: &mut Vec<u8>, json: &str) {
    raw(out, json);
}
