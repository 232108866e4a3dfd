//! One line on standard error for each thing worth telling. A closed standard error is no reason to fail.

use std::{
    fmt,
    io::{self, Write},
    time::Duration,
};

use http::{Method, StatusCode};
use omnifn_core::{Context, Error, ErrorClass, Spec};

/// Writes a line.
pub fn line(text: fmt::Arguments<'_>) {
    // One write, so that lines of several threads do not mix.
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// An invocation failed: where, which, why. Never its payload, so the words that went to the caller, who sent it, are left
/// out; what caused them is not.
pub(crate) fn failed(context: &Context, error: &Error) {
    let words = if error.is_public() { causes(error) } else { error.to_string() };
    let words = if words.is_empty() { words } else { format!(" error={words:?}") };
    line(format_args!(
        "{level} omnifn: {kind} provider={} function={} invocation_id={:?} status={}{words}",
        context.provider(),
        context.function_name(),
        context.invocation_id(),
        error.status_code().as_u16(),
        level = if error.is_callers_fault() { "WARN" } else { "ERROR" },
        kind = error.name(),
    ));
}

/// A record failed, and what becomes of it.
pub(crate) fn failed_record(context: &Context, function: &Spec, id: Option<&str>, error: &Error) {
    let class = error.class();
    line(format_args!(
        "{level} omnifn: {name} provider={} function={} invocation_id={:?} record={:?} class={} error={:?}",
        context.provider(),
        function.name,
        context.invocation_id(),
        id.unwrap_or_default(),
        class.name(),
        error.to_string(),
        level = if class == ErrorClass::Discard { "WARN" } else { "ERROR" },
        name = error.name(),
    ));
}

/// Records were left for another delivery.
pub(crate) fn not_begun(context: &Context, function: &Spec, left: usize, of: usize) {
    line(format_args!(
        "WARN omnifn: NotBegun provider={} function={} invocation_id={:?} records={left} of={of}",
        context.provider(),
        function.name,
        context.invocation_id(),
    ));
}

/// Events were delivered.
pub(crate) fn delivered(function: &Spec, done: usize, of: usize, took: Duration, id: &str) {
    line(format_args!(
        "{} {:?} → {done} of {of} done {} {:.1} ms {id}",
        function.class(),
        function.source().unwrap_or_default(),
        function.name,
        took.as_secs_f64() * 1000.0,
    ));
}

fn causes(error: &Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

/// A message could not be read.
pub(crate) fn refused(provider: &str, invocation_id: Option<&str>, error: &Error) {
    line(format_args!(
        "ERROR omnifn: {kind} provider={provider} invocation_id={:?} error={:?}",
        invocation_id.unwrap_or_default(),
        error.to_string(),
        kind = error.kind().name(),
    ));
}

/// A request was answered.
pub(crate) fn access(context: &Context, method: &Method, path: &str, status: StatusCode, took: Duration) {
    let function = match context.function_name() {
        "" => "-",
        name => name,
    };
    line(format_args!(
        "{method} {path} → {status} {function} {:.1} ms {id}",
        took.as_secs_f64() * 1000.0,
        status = status.as_u16(),
        id = context.invocation_id(),
    ));
}
