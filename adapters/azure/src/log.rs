//! Log lines as JSON on standard output, which the Functions host copies to its own log. On standard error, the host would take
//! every line for an error.

use omnifn_core::{
    event::time::rfc3339,
    log::{Entry, Format, Members, Plain, write_json},
};
use serde::Serialize;

#[derive(Debug, Clone, Copy)]
pub(crate) struct HostLog;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'e> {
    time: String,
    level: &'static str,
    message: &'e str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    invocation_id: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function: Option<&'e str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    trace_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    span_id: Option<String>,
    logger: &'e str,
    #[serde(flatten)]
    fields: Members<'e>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
}

impl Format for HostLog {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        let context = entry.context.as_ref();
        let trace = context.and_then(|context| context.trace());
        let line = Line {
            time: rfc3339(entry.time),
            level: entry.level.as_str(),
            message: &entry.message,
            error: entry.error.as_deref(),
            invocation_id: context.map(|context| context.invocation_id()),
            function: context.map(|context| context.function_name()),
            trace_id: trace.map(|trace| trace.trace_id()),
            span_id: trace.and_then(|trace| trace.parent_id()),
            logger: entry.target,
            fields: entry.members("invocationId"),
            status: entry.request.as_ref().map(|request| request.status),
        };
        write_json(&line, out);
    }

    /// The host shows the line with the invocation, so the line does not name it.
    fn write_for_reply(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(Plain::text(entry).as_bytes());
    }

    fn to_stdout(&self) -> bool {
        true
    }
}
