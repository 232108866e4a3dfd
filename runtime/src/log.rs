//! What the runtime itself has to say: each thing once, one line each, as the provider wants it written. A closed output is no
//! reason to fail.

#[cfg(feature = "tracing")]
#[cfg_attr(not(any(feature = "serve", feature = "poll")), allow(dead_code, reason = "no program starts"))]
pub(crate) mod layer;

mod out;

#[cfg(feature = "serve")]
use std::io::{self, Write};
use std::{
    cell::RefCell,
    fmt,
    sync::OnceLock,
    time::{Duration, Instant, SystemTime},
};

use http::{Method, StatusCode, Uri, uri::PathAndQuery};
use omnifn_core::{
    Context, Error, ErrorClass, Settings, Spec,
    log::{self, Answered, Ended, Entry, Format, Journal, Level, Plain, Value},
};
use tracing_subscriber::registry::LookupSpan as _;

use out::put;
#[cfg_attr(not(any(feature = "serve", feature = "poll")), allow(unused_imports, reason = "no program starts"))]
pub(crate) use out::{flush, parks};

/// Where lines go, once it is known.
static SINK: OnceLock<Sink> = OnceLock::new();

struct Sink {
    format: Box<dyn Format>,
    level: Level,
}

/// From now on lines are written so, down to the level that the format or `OMNIFN_LOG` says. The first one counts.
pub fn install(format: Box<dyn Format>, settings: &dyn Settings) {
    let level = log::level(settings).or_else(|| format.level()).unwrap_or(Level::Info);
    // A second program in one process has the log of the first.
    let _ = SINK.set(Sink { format, level });
}

/// Puts an invocation's context into its span, where log lines find it.
pub(crate) fn attach(span: &tracing::Span, context: &Context) {
    span.with_subscriber(|(id, dispatch)| {
        if let Some(span) =
            dispatch.downcast_ref::<tracing_subscriber::Registry>().and_then(|registry| registry.span(id))
        {
            span.extensions_mut().replace(context.clone());
        }
    });
}

/// Whether lines of this level are written.
fn writes(level: Level) -> bool {
    level <= SINK.get().map_or(Level::Info, |sink| sink.level)
}

/// Writes a line, if its level is one that is written; or gives it to the user's own subscriber, where there is one.
pub fn write(entry: &Entry<'_>) {
    #[cfg(feature = "tracing")]
    if layer::gave_away(entry) {
        return;
    }
    write_line(entry, put);
}

fn write_line(entry: &Entry<'_>, put: fn(&dyn Format, &[u8])) {
    thread_local! {
        static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    if !writes(entry.level) {
        return;
    }
    let format = format();
    let write = |buffer: &mut Vec<u8>| {
        buffer.clear();
        format.write(entry, buffer);
        match entry.context.and_then(Context::journal) {
            Some(journal) if keep(journal, entry, buffer) => {}
            Some(journal) => {
                journal.due().iter().for_each(|line| out::put(format, line));
                put(format, buffer);
            }
            None => put(format, buffer),
        }
        // One long line does not keep its memory for ever.
        buffer.shrink_to(4096);
    };
    // What is shown in a line may log a line itself.
    BUFFER.with(|buffer| match buffer.try_borrow_mut() {
        Ok(mut buffer) => write(&mut buffer),
        Err(_) => write(&mut Vec::new()),
    });
}

fn format() -> &'static dyn Format {
    SINK.get().map_or(&Plain, |sink| &*sink.format)
}

/// Keeps a line for the reply; whether it may wait, and there is room for it.
fn keep(journal: &Journal, entry: &Entry<'_>, line: &[u8]) -> bool {
    let mut kept = Vec::new();
    format().write_kept(entry, &mut kept);
    journal.keep(entry.level, String::from_utf8_lossy(kept.trim_ascii_end()).as_ref(), line)
}

/// Writes, when it is dropped, the lines of an invocation that its reply did not carry: also where there is none, for the one who
/// waited for it went away, or the program ends.
#[derive(Debug)]
pub(crate) struct Rest(pub(crate) Option<Journal>);

impl Drop for Rest {
    fn drop(&mut self) {
        if let Some(journal) = &self.0 {
            journal.rest().iter().for_each(|line| put(format(), line));
        }
    }
}

#[cold]
#[inline(never)]
fn say(level: Level, message: fmt::Arguments<'_>) {
    write(&Entry::new(SystemTime::now(), level, &message));
}

/// Something failed.
pub fn error(message: fmt::Arguments<'_>) {
    say(Level::Error, message);
}

/// Something is not as it should be.
pub fn warn(message: fmt::Arguments<'_>) {
    say(Level::Warn, message);
}

/// Writes a text for eyes as it is.
#[cfg(feature = "serve")]
pub(crate) fn text(text: &str) {
    let _ = io::stderr().lock().write_all(format!("{text}\n").as_bytes());
}

/// What is said of an error whose words went to the caller, and that has no other cause.
const TOLD: &str = "the caller was told why";

/// An invocation failed: where, which, why. Never its payload, so the words that went to the caller, who sent it, are left
/// out; what caused them is not.
pub(crate) fn failed(context: &Context, error: &Error) {
    let mut words = if error.is_public() { causes(error) } else { format!("{error}") };
    if words.is_empty() && error.is_public() {
        words.push_str(TOLD);
    }
    let level = if error.is_callers_fault() { Level::Warn } else { Level::Error };
    let mut entry = Entry::new(SystemTime::now(), level, &words);
    let fields = [("status", Value::Unsigned(error.status_code().as_u16().into()))];
    (entry.error_name, entry.context, entry.fields) = (Some(error.name()), Some(context), &fields);
    write(&entry);
}

/// A record failed, and what becomes of it.
pub(crate) fn failed_record(context: &Context, id: Option<&str>, error: &Error) {
    let class = error.class();
    let level = if class == ErrorClass::Discard { Level::Warn } else { Level::Error };
    let mut entry = Entry::new(SystemTime::now(), level, error);
    let fields = [("record", Value::Text(id.unwrap_or_default())), ("class", Value::Text(class.name()))];
    (entry.error_name, entry.context, entry.fields) = (Some(error.name()), Some(context), &fields);
    write(&entry);
}

/// A record is none of those that the function's trigger takes. Which object it is of is not said.
pub(crate) fn filtered(context: &Context, id: Option<&str>) {
    let words = "the function's trigger does not take this object: its `prefix`, `suffix` or `on` leaves it out";
    let mut entry = Entry::new(SystemTime::now(), Level::Debug, &words);
    let fields = [("record", Value::Text(id.unwrap_or_default()))];
    (entry.context, entry.fields) = (Some(context), &fields);
    write(&entry);
}

/// Records were left for another delivery.
pub(crate) fn not_begun(context: &Context, left: usize, of: usize) {
    let words = "these records were left for another delivery: one before them failed, or the time was over";
    let mut entry = Entry::new(SystemTime::now(), Level::Warn, &words);
    let fields = [("records", Value::Unsigned(left as u64)), ("of", Value::Unsigned(of as u64))];
    (entry.error_name, entry.context, entry.fields) = (Some("NotBegun"), Some(context), &fields);
    write(&entry);
}

/// A message could not be read, or not be answered.
pub(crate) fn refused(provider: &str, invocation_id: Option<&str>, error: &Error) {
    let mut entry = Entry::new(SystemTime::now(), Level::Error, error);
    let fields =
        [("provider", Value::Text(provider)), ("invocation_id", Value::Text(invocation_id.unwrap_or_default()))];
    (entry.error_name, entry.fields) = (Some(error.kind().name()), &fields);
    write(&entry);
}

/// The one line of each invocation, from its begin on: a request is answered.
pub(crate) struct Line {
    method: Method,
    path: Option<PathAndQuery>,
    started: Instant,
}

impl Line {
    pub(crate) fn begin(method: &Method, uri: &Uri) -> Self {
        // The path itself, which is shared, and no text of it.
        Line { method: method.clone(), path: uri.path_and_query().cloned(), started: Instant::now() }
    }

    /// With this status.
    pub(crate) fn end(&self, context: &Context, status: StatusCode) {
        let path = self.path.as_ref().map_or("", PathAndQuery::path);
        let request = Answered { method: self.method.as_str(), path, status: status.as_u16() };
        let end = Ended {
            took: self.started.elapsed(),
            cold_start: context.cold_start(),
            failed: status.is_server_error().into(),
            records: None,
            request: Some(request),
        };
        ended(context, &request, end);
    }
}

/// The one line of each invocation: events were delivered.
pub(crate) fn delivered(context: &Context, function: &Spec, done: usize, of: usize, took: Duration) {
    // Piece by piece, for there is one for each delivery.
    let mut message = Vec::with_capacity(64);
    message.extend_from_slice(function.class().key().as_bytes());
    message.push(b' ');
    log::write_quoted(&mut message, function.source().unwrap_or_default());
    message.extend_from_slice(" → ".as_bytes());
    log::write_unsigned(done as u64, &mut message);
    message.extend_from_slice(b" of ");
    log::write_unsigned(of as u64, &mut message);
    message.extend_from_slice(b" done");
    let message = String::from_utf8_lossy(&message);
    let failed = (of - done.min(of)) as u64;
    let (cold_start, records) = (context.cold_start(), Some(of as u64));
    ended(context, &message, Ended { took, cold_start, failed, records, request: None });
}

fn ended(context: &Context, message: &dyn fmt::Display, ended: Ended<'_>) {
    let mut entry = Entry::new(SystemTime::now(), Level::Info, message);
    (entry.context, entry.ended) = (Some(context), Some(ended));
    #[cfg(feature = "tracing")]
    if layer::gave_away(&entry) {
        return;
    }
    // Nobody can be waiting for it: it may share its way out with others.
    write_line(&entry, out::put_soon);
}

fn causes(error: &Error) -> String {
    let mut causes = String::new();
    let mut next = error.source();
    while let Some(cause) = next {
        if !causes.is_empty() {
            causes.push_str(": ");
        }
        causes.push_str(&format!("{cause}"));
        next = cause.source();
    }
    causes
}
