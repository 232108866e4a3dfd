//! Lines as Lambda's log group has them: JSON where the function's log format says so, else text.
//!
//! The contract: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-logformat.html>.

use omnifn_core::{
    Settings,
    log::{Entry, Format, Level, Object, Plain},
};

/// What `AWS_LAMBDA_LOG_FORMAT` and `AWS_LAMBDA_LOG_LEVEL` say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LambdaLog {
    is_json: bool,
    level: Option<Level>,
}

impl LambdaLog {
    pub(crate) fn read(settings: &dyn Settings) -> Self {
        let is_json = settings.get("AWS_LAMBDA_LOG_FORMAT").is_some_and(|format| format.eq_ignore_ascii_case("json"));
        let level = settings.get("AWS_LAMBDA_LOG_LEVEL").as_deref().and_then(Level::named);
        // The platform filters only what is JSON, and says the level only then.
        LambdaLog { is_json, level: level.filter(|_| is_json) }
    }
}

impl Format for LambdaLog {
    fn write(&self, entry: &Entry<'_>, out: &mut Vec<u8>) {
        if !self.is_json {
            return Plain.write(entry, out);
        }
        let mut line = Object::begin(out);
        line.time("timestamp", entry.time);
        line.shown("level", &entry.level.name());
        line.shown("message", entry.message);
        if let Some(context) = entry.context {
            line.shown("requestId", &context.invocation_id());
            line.shown("function", &context.function_name());
            line.maybe("traceId", context.trace().map(|trace| trace.trace_id()).as_ref().map(|id| id as _));
        }
        line.maybe("errorType", entry.error_name.as_ref().map(|name| name as _));
        line.shown("logger", &entry.target);
        for (name, value) in entry.fields {
            // The platform's own name for it.
            line.value(if *name == "invocation_id" { "requestId" } else { name }, value);
        }
        if let Some(request) = &entry.request {
            line.value("status", &omnifn_core::log::Value::Unsigned(request.status.into()));
        }
        line.end();
        out.push(b'\n');
    }

    fn level(&self) -> Option<Level> {
        self.level
    }
}
