//! Lines of JSON on standard output, which the Functions host takes for its own log: on standard error, all would be errors.

use omnifn_core::log::{Entry, Format, Object, Plain, Value};

#[derive(Debug, Clone, Copy)]
pub(crate) struct HostLog;

impl Format for HostLog {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let mut line = Object::begin(out);
        line.time("time", entry.time);
        line.shown("level", &entry.level.name());
        line.message("message", entry);
        line.maybe("error", entry.error_name.as_ref().map(|name| name as _));
        if let Some(context) = entry.context {
            line.shown("invocationId", &context.invocation_id());
            line.shown("function", &context.function_name());
            if let Some(trace) = context.trace() {
                line.shown("traceId", &trace.trace_id());
                line.maybe("spanId", trace.parent_id().as_ref().map(|id| id as _));
            }
        }
        line.shown("logger", &entry.target);
        for (name, value) in entry.all_fields() {
            line.value(if name == "invocation_id" { "invocationId" } else { name }, &value);
        }
        if let Some(request) = entry.request() {
            line.value("status", &Value::Unsigned(request.status.into()));
        }
        line.end();
        out.push(b'\n');
    }

    /// The host knows the invocation, and shows the line beside it.
    fn write_kept(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let mut bare = *entry;
        bare.context = None;
        Plain.write(&bare, out);
    }

    fn to_stdout(&self) -> bool {
        true
    }
}
