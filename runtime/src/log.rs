//! Logs: omnifn emits events of the crate `tracing`. A layer writes them and the events of the user's program in the provider's
//! format, each with its invocation. A closed output does not fail an invocation.
//!
//! Each invocation has a span, `invocation` of the target `omnifn`, whose extensions contain its [`Context`]: see `attach`. Events
//! in it, or in a task that was spawned in it (`.in_current_span()`), belong to that invocation.

mod layer;

use std::{
    cell::RefCell,
    fmt,
    future::Future,
    io::{self, Write as _},
    sync::OnceLock,
    time::{Duration, Instant},
};

use http::{Method, StatusCode, Uri, uri::PathAndQuery};
use omnifn_core::{
    Context, Error, Outcome, Settings, Spec,
    log::{self, Format, Journal, Plain},
};
use tracing::{
    Level, Span,
    dispatcher::{self, Dispatch},
    instrument::WithSubscriber as _,
    subscriber::NoSubscriber,
};
use tracing_subscriber::{Registry, filter::Targets, registry::LookupSpan as _};

use crate::panic::{self, Panic};

/// The format and the levels of this program, once they are known.
static CONFIG: OnceLock<Config> = OnceLock::new();

/// The subscriber of this program, once the app starts. It cannot be made earlier, because OpenTelemetry's layer needs the exporter.
static SUBSCRIBER: OnceLock<Dispatch> = OnceLock::new();

thread_local! {
    /// The invocation of the event that is being emitted, if it is known: the event may be emitted outside of its span.
    static CONTEXT: RefCell<Option<Context>> = const { RefCell::new(None) };
}

struct Config {
    format: Box<dyn Format>,
    levels: Targets,
}

/// Sets the format of log lines and, from `OMNIFN_LOG`, `RUST_LOG` and the format's own setting, their levels. From now on, panics are
/// logged, too. Only the first call has an effect: all programs in one process share one log.
pub fn install(format: Box<dyn Format>, settings: &dyn Settings) {
    let (levels, invalid) = levels(settings, format.level());
    if CONFIG.set(Config { format, levels }).is_err() {
        return;
    }
    for directive in invalid {
        warn(format_args!(
            "invalid directive {directive:?} in RUST_LOG: expected target=level, such as my_crate=debug"
        ));
    }
    panic::install();
}

fn format() -> &'static dyn Format {
    CONFIG.get().map_or(&Plain, |config| &*config.format)
}

/// Returns the levels, by target, and the directives of `RUST_LOG` that are invalid.
fn levels(settings: &dyn Settings, of_format: Option<Level>) -> (Targets, Vec<String>) {
    let (mut levels, mut default, mut invalid) = (Targets::new(), None, Vec::new());
    let directives = settings.get("RUST_LOG").unwrap_or_default();
    for directive in directives.split(',').map(str::trim).filter(|directive| !directive.is_empty()) {
        match directive.parse::<Targets>() {
            Ok(parsed) => {
                default = parsed.default_level().or(default);
                levels = levels.with_targets(parsed);
            }
            Err(_) => invalid.push(directive.to_owned()),
        }
    }
    let default = match log::configured_level(settings) {
        Some(level) => level.into(),
        None => default.unwrap_or_else(|| of_format.unwrap_or(Level::INFO).into()),
    };
    (levels.with_default(default), invalid)
}

/// Starts the app. Its events go to the user's own subscriber if one is set already, and otherwise to omnifn's, which becomes the
/// global default unless the app sets another.
#[cfg_attr(not(any(feature = "serve", feature = "poll")), allow(dead_code, reason = "no program starts"))]
pub(crate) async fn starting<F: Future>(start: F) -> F::Output {
    if is_set() {
        return start.with_current_subscriber().await;
    }
    let subscriber = SUBSCRIBER.get_or_init(|| layer::subscriber(true));
    let started = start.with_subscriber(subscriber.clone()).await;
    // It fails if the user has set a subscriber, which takes precedence.
    let _ = dispatcher::set_global_default(subscriber.clone());
    started
}

fn is_set() -> bool {
    !dispatcher::get_default(|current| current.is::<NoSubscriber>())
}

/// Whether the subscriber reads the attributes of omnifn's own spans. The log lines do not contain them, so they are read only if spans
/// are exported, or if the user has set a subscriber.
pub(crate) fn shows_spans() -> bool {
    dispatcher::get_default(|current| match current.downcast_ref::<layer::Lines>() {
        Some(lines) => lines.beside_otel,
        None => !current.is::<NoSubscriber>(),
    })
}

/// Returns omnifn's subscriber, for a program without one. Before the app starts, that is a subscriber which only logs.
fn own_subscriber() -> &'static Dispatch {
    static EARLY: OnceLock<Dispatch> = OnceLock::new();
    SUBSCRIBER.get().unwrap_or_else(|| EARLY.get_or_init(|| layer::subscriber(false)))
}

/// Associates the invocation with its span: lines of events within it belong to it.
pub(crate) fn attach(span: &Span, context: &Context) {
    span.with_subscriber(|(id, subscriber)| {
        if let Some(span) = subscriber.downcast_ref::<Registry>().and_then(|registry| registry.span(id)) {
            span.extensions_mut().replace(context.clone());
        }
    });
}

/// Emits an event of an invocation, also where the program has no subscriber yet.
fn emit(context: Option<&Context>, event: impl FnOnce()) {
    // A thread that is ending may have no thread-local any more. Then the event finds its invocation by the span.
    let outer = CONTEXT.try_with(|place| place.replace(context.cloned())).ok().flatten();
    if is_set() {
        event()
    } else {
        dispatcher::with_default(own_subscriber(), event)
    }
    let _ = CONTEXT.try_with(|place| place.replace(outer));
}

/// Emits an event of the target `omnifn` at a level that is known at run time.
macro_rules! event {
    ($level:expr, $context:expr, $($event:tt)+) => {
        emit($context, || match $level {
            Level::ERROR => tracing::error!(target: "omnifn", $($event)+),
            Level::WARN => tracing::warn!(target: "omnifn", $($event)+),
            Level::INFO => tracing::info!(target: "omnifn", $($event)+),
            _ => tracing::debug!(target: "omnifn", $($event)+),
        })
    };
}

/// Emits an event of an invocation. Its fields name the invocation, for subscribers other than omnifn's.
macro_rules! of_context {
    ($level:expr, $context:expr, $($event:tt)+) => {{
        let (invocation_id, function) = ($context.invocation_id(), $context.function_name());
        event!($level, Some($context), invocation_id, function, $($event)+);
    }};
}

/// Logs a failure.
pub fn error(message: fmt::Arguments<'_>) {
    event!(Level::ERROR, None, "{message}");
}

/// Logs a warning.
pub fn warn(message: fmt::Arguments<'_>) {
    event!(Level::WARN, None, "{message}");
}

/// Logs what is good to know about the program as a whole.
#[cfg(feature = "serve")]
pub(crate) fn info(message: fmt::Arguments<'_>) {
    event!(Level::INFO, None, "{message}");
}

/// Logs a detail that helps to find a mistake.
#[cfg(feature = "serve")]
pub(crate) fn debug(message: fmt::Arguments<'_>) {
    event!(Level::DEBUG, None, "{message}");
}

/// Logs an error that belongs to no invocation.
pub(crate) fn report(error: &Error) {
    event!(Level::ERROR, None, backtrace = Panic::backtrace_of(error), "{error}");
}

/// Logs a panic that omnifn does not catch.
pub(crate) fn panicked(message: &str, backtrace: Option<&str>) {
    event!(Level::ERROR, None, error = "Panicked", backtrace, "{message}");
}

/// Logs an event of the runtime about an invocation of which only the id is known.
#[cfg_attr(not(feature = "poll"), allow(dead_code, reason = "a server has more"))]
pub(crate) fn of_invocation(level: Level, invocation_id: &str, message: fmt::Arguments<'_>) {
    event!(level, None, invocation_id, "{message}");
}

/// Writes a human-readable text as it is.
#[cfg(feature = "serve")]
pub(crate) fn text(text: &str) {
    put(format!("{text}\n").as_bytes());
}

/// Logs that an invocation failed, with its function, its id, and the error. A text that is meant for the caller may quote the
/// payload, so it is only logged in a format for one machine.
pub(crate) fn failed(context: &Context, error: &Error) {
    let message = match error.log_text() {
        Some(text) => text,
        None if format().shows_rejections() => error.to_string(),
        None => format!("the response is {}; its body contains the reason", error.status_code()),
    };
    let level = if error.is_callers_fault() { Level::WARN } else { Level::ERROR };
    let (status, backtrace) = (error.status_code().as_u16(), Panic::backtrace_of(error));
    let message = log::message(&message);
    of_context!(level, context, error = error.name(), status, backtrace, "{message}");
}

/// Logs what happened to records of a delivery: that they failed, with what happens to them, or a warning about them. `ids` are examples.
pub(crate) fn of_records(
    context: &Context,
    level: Level,
    error: Option<&Error>,
    records: usize,
    ids: &str,
    message: &str,
) {
    let (class, backtrace) = (error.map(|error| error.class().name()), error.and_then(Panic::backtrace_of));
    let error = error.map(Error::name);
    match records {
        0 | 1 => of_context!(level, context, error, record = ids, class, backtrace, "{message}"),
        _ => of_context!(level, context, error, records, examples = ids, class, backtrace, "{message}"),
    }
}

/// Logs that records were left for the next delivery.
pub(crate) fn not_started(context: &Context, left: usize, of: usize) {
    let message =
        "records were not started and will be delivered again: an earlier one failed, or too little time was left";
    of_context!(Level::WARN, context, error = "NotStarted", records = left, of, "{message}");
}

/// Logs that a message could not be decoded, or that its reply could not be encoded.
pub(crate) fn refused(provider: &str, invocation_id: Option<&str>, error: &Error) {
    let (name, invocation_id) = (error.kind().name(), invocation_id.unwrap_or_default());
    let message = error.to_string();
    let (invocation_id, message) = (log::cut(invocation_id), log::message(&message));
    event!(Level::ERROR, None, error = name, provider, invocation_id, "{message}");
}

/// The longest part of a method that is logged. A client can invent methods of any length.
const METHOD: usize = 40;

/// The log line of a request, measured from its start.
pub(crate) struct Line {
    method: Method,
    path: Option<PathAndQuery>,
    started: Instant,
}

impl Line {
    pub(crate) fn begin(method: &Method, uri: &Uri) -> Self {
        Line { method: method.clone(), path: uri.path_and_query().cloned(), started: Instant::now() }
    }

    /// Logs that a direct invocation succeeded or failed.
    pub(crate) fn end_invocation(&self, context: &Context, succeeded: bool) {
        of_context!(
            Level::INFO,
            context,
            duration_ms = millis(self.started.elapsed()),
            cold_start = context.cold_start(),
            failed = u64::from(!succeeded),
            "invoke → {}",
            if succeeded { "done" } else { "failed" }
        );
    }

    /// Logs that the request was answered with this status. The path is without the query, which may contain secrets; it is a field only, so
    /// that it is once in a line.
    pub(crate) fn end(&self, context: &Context, status: StatusCode) {
        let path = log::cut(self.path.as_ref().map_or("", PathAndQuery::path));
        let method = log::cut_to(self.method.as_str(), METHOD);
        let (status, failed) = (status.as_u16(), u64::from(status.is_server_error()));
        of_context!(
            Level::INFO,
            context,
            http.method = method,
            http.path = path,
            http.status = status,
            duration_ms = millis(self.started.elapsed()),
            cold_start = context.cold_start(),
            failed,
            "{method} → {status}"
        );
    }
}

/// Logs that events were delivered: one line for each delivery.
pub(crate) fn delivered(context: &Context, function: &Spec, outcomes: &[Outcome], took: Duration) {
    let (class, source) = (function.class().key(), function.source().unwrap_or_default());
    let count = |is: fn(&Outcome) -> bool| outcomes.iter().filter(|outcome| is(outcome)).count();
    let of = outcomes.len();
    let done = count(|outcome| matches!(outcome, Outcome::Done));
    let filtered = count(|outcome| matches!(outcome, Outcome::Filtered));
    let discarded = count(|outcome| matches!(outcome, Outcome::Failed(_)) && outcome.is_acknowledged());
    let others = [(filtered, "filtered"), (discarded, "discarded")].into_iter().filter(|(count, _)| *count > 0);
    let others: String = others.map(|(count, what)| format!(", {count} {what}")).collect();
    of_context!(
        Level::INFO,
        context,
        duration_ms = millis(took),
        cold_start = context.cold_start(),
        failed = of.saturating_sub(done + filtered + discarded),
        records = of,
        "{class} {source:?} → {done} of {of} done{others}"
    );
}

/// A duration in milliseconds, rounded to a tenth.
fn millis(time: Duration) -> f64 {
    (time.as_secs_f64() * 10_000.0).round() / 10.0
}

/// Whether the lines of this process belong to tests.
#[cfg(feature = "testing")]
static IS_CAPTURED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);

/// From now on, writes log lines as the output of a test, which the test harness shows only if the test fails. It does so for the lines of a
/// test's own thread, and of the threads that were started by it.
#[cfg(feature = "testing")]
pub fn capture() {
    IS_CAPTURED.store(true, std::sync::atomic::Ordering::Relaxed);
}

/// Writes a line at once, in one write, so that the lines of several processes do not mix.
fn put(line: &[u8]) {
    #[cfg(feature = "testing")]
    if IS_CAPTURED.load(std::sync::atomic::Ordering::Relaxed) {
        // The harness captures what is printed by macros alone.
        let line = String::from_utf8_lossy(line);
        return if format().to_stdout() { print!("{line}") } else { eprint!("{line}") };
    }
    let _ =
        if format().to_stdout() { io::stdout().lock().write_all(line) } else { io::stderr().lock().write_all(line) };
}

/// When dropped, writes the lines of an invocation that its reply did not carry. That includes the case that no reply was sent,
/// because the caller closed the connection or the program ends.
#[derive(Debug)]
pub(crate) struct Rest(pub(crate) Option<Journal>);

impl Drop for Rest {
    fn drop(&mut self) {
        if let Some(journal) = &self.0 {
            journal.rest().iter().for_each(|line| put(line));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_specific_setting_takes_precedence() {
        let levels = |omnifn: &str, rust: &str, of_format| {
            let settings = |name: &str| match name {
                "OMNIFN_LOG" => Some(omnifn.to_owned()),
                "RUST_LOG" => Some(rust.to_owned()),
                _ => None,
            };
            levels(&settings, of_format)
        };
        let enabled = |targets: &Targets, target: &str| {
            let all = [Level::TRACE, Level::DEBUG, Level::INFO, Level::WARN, Level::ERROR];
            all.into_iter().find(|level| targets.would_enable(target, level))
        };
        for (omnifn, rust, of_format, mine, others) in [
            ("", "", None, Some(Level::INFO), Some(Level::INFO)),
            ("", "", Some(Level::WARN), Some(Level::WARN), Some(Level::WARN)),
            ("debug", "", Some(Level::WARN), Some(Level::DEBUG), Some(Level::DEBUG)),
            ("", "mine=trace", Some(Level::WARN), Some(Level::TRACE), Some(Level::WARN)),
            ("", "error, mine=debug", Some(Level::WARN), Some(Level::DEBUG), Some(Level::ERROR)),
            ("warn", "trace,mine=off", None, None, Some(Level::WARN)),
        ] {
            let (targets, invalid) = levels(omnifn, rust, of_format);
            assert_eq!(invalid, Vec::<String>::new());
            assert_eq!(enabled(&targets, "mine::part"), mine, "{omnifn} {rust} {of_format:?}");
            assert_eq!(enabled(&targets, "others"), others, "{omnifn} {rust} {of_format:?}");
        }
        assert_eq!(levels("", "mine=loud,info", None).1, ["mine=loud"]);
    }

    #[test]
    fn times_are_to_a_tenth() {
        let printed = |micros| millis(Duration::from_micros(micros)).to_string();
        assert_eq!([12_340, 12_350, 999_951, 49].map(printed), ["12.3", "12.4", "1000", "0"]);
    }
}
