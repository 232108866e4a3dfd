//! Panics: each is one log line, including those of spawned tasks and threads. A panic of a user's function is caught, and fails only
//! its own invocation.

use std::{
    any::Any,
    backtrace::Backtrace,
    cell::Cell,
    error::Error as StdError,
    fmt,
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    pin::Pin,
    task::Poll,
};

use omnifn_core::{Error, ErrorKind};
use tracing::Span;

use crate::{env, log};

thread_local! {
    /// How many calls of [`catch_now`] are running on this thread.
    static CATCHING: Cell<u32> = const { Cell::new(0) };
    /// The panic that is being caught, as the hook recorded it, and the span that it happened in.
    static RECORDED: Cell<Option<(Panic, Span)>> = const { Cell::new(None) };
}

/// A panic: its message and location, and its backtrace if `RUST_BACKTRACE` is set.
#[derive(Debug)]
pub(crate) struct Panic {
    message: String,
    location: Option<String>,
    backtrace: Option<String>,
}

impl Panic {
    fn new(info: &PanicHookInfo<'_>) -> Self {
        let wants_backtrace = env::var("RUST_BACKTRACE").is_some_and(|value| value != "0");
        Panic {
            message: message(info.payload()),
            location: info.location().map(ToString::to_string),
            backtrace: wants_backtrace.then(|| Backtrace::force_capture().to_string()),
        }
    }

    /// Returns an error with this panic as its source; `what` describes what panicked.
    pub(crate) fn during(self, what: &'static str) -> Error {
        Error::new(ErrorKind::Panicked, what).with_source(self)
    }

    /// Returns the backtrace of the panic that caused an error, if one did and it has one.
    pub(crate) fn backtrace_of(error: &Error) -> Option<&str> {
        error.source()?.downcast_ref::<Panic>()?.backtrace.as_deref()
    }

    fn log(&self) {
        let thread = std::thread::current();
        let message = format!("thread '{}' panicked: {self}", thread.name().unwrap_or("<unnamed>"));
        log::panicked(&message, self.backtrace.as_deref());
    }
}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.location.iter().try_for_each(|location| write!(f, ", at {location}"))
    }
}

impl StdError for Panic {}

fn message(payload: &(dyn Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("(no message)").to_owned()
}

/// Installs the panic hook. A panic that [`catch`] or [`catch_now`] catches is recorded for its error, which is logged with the
/// invocation; any other panic is logged at once. The previous hook is replaced, because the standard hook prints lines that are not in
/// the provider's format.
pub(crate) fn install() {
    if cfg!(panic = "abort") {
        log::warn(format_args!(
            "this program is built with panic=\"abort\": a panic in one invocation ends all of them. Remove that from \
             the profile in Cargo.toml"
        ));
    }
    std::panic::set_hook(Box::new(|info| {
        let panic = Panic::new(info);
        if CATCHING.get() > 0 && !cfg!(panic = "abort") {
            record(Some((panic, Span::current())));
        } else {
            panic.log();
        }
    }));
}

/// Records a panic for the function that catches it. If one is recorded already, the user's code, a layer, or tokio caught that one, and
/// it is logged now.
fn record(panic: Option<(Panic, Span)>) {
    if let Some((earlier, span)) = RECORDED.replace(panic) {
        span.in_scope(|| earlier.log());
    }
}

/// Runs a future. A panic in it becomes an error.
///
/// The caller pins the future, so that it is not moved into another future of its size, and drops it after a panic, so that no
/// half-changed value is seen again, except for what functions share themselves.
#[cfg_attr(not(any(feature = "serve", feature = "poll")), allow(dead_code, reason = "no program starts"))]
pub(crate) async fn catch<F: Future>(mut future: Pin<&mut F>) -> Result<F::Output, Panic> {
    // `futures_util::FutureExt::catch_unwind` would not mark the thread for the hook while it polls.
    poll_fn(|cx| match catch_now(|| future.as_mut().poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Calls a function. A panic in it becomes an error.
pub(crate) fn catch_now<T>(run: impl FnOnce() -> T) -> Result<T, Panic> {
    CATCHING.set(CATCHING.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(run));
    CATCHING.set(CATCHING.get() - 1);
    match result {
        Ok(value) => {
            record(None);
            Ok(value)
        }
        Err(payload) => Err(match RECORDED.take() {
            Some((panic, _)) => panic,
            // Another hook has replaced this one, or `resume_unwind` was used, which calls no hook.
            None => Panic { message: message(&*payload), location: None, backtrace: None },
        }),
    }
}
