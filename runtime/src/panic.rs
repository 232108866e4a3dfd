//! Panics of users' functions: caught, each for its own invocation.

use std::{
    any::Any,
    cell::Cell,
    future::Future,
    panic::{AssertUnwindSafe, PanicHookInfo, catch_unwind},
    pin::Pin,
    sync::atomic::{AtomicBool, Ordering},
    task::Poll,
};

use crate::{env, log};

thread_local! {
    /// How many catches this thread is in.
    static CAUGHT: Cell<u32> = const { Cell::new(0) };
    /// Where the panic was that is being caught.
    static PLACE: Cell<Option<String>> = const { Cell::new(None) };
}

/// From now on a panic that is caught is not told by itself: the one line of its failure has its message and its place. With
/// `RUST_BACKTRACE` set, it is told as well, with the way there.
pub(crate) fn install() {
    static IS_INSTALLED: AtomicBool = AtomicBool::new(false);
    if IS_INSTALLED.swap(true, Ordering::Relaxed) {
        return;
    }
    if cfg!(panic = "abort") {
        log::warn(format_args!(
            "this program is built with panic=\"abort\": a panic in one invocation ends all of them. Take that out \
             of the profile in Cargo.toml"
        ));
    }
    let previous = std::panic::take_hook();
    let with_backtrace = env::var("RUST_BACKTRACE").is_some_and(|on| on != "0");
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        // Of a program that it ends, nothing may wait any more; and nobody would tell it.
        log::flush();
        let is_caught = CAUGHT.get() > 0 && !cfg!(panic = "abort");
        if is_caught {
            PLACE.set(info.location().map(ToString::to_string));
        }
        if !is_caught || with_backtrace {
            previous(info);
        }
    }));
}

/// Runs a future; a panic in it becomes its message, and its place. The future stays where it is: moved, a large one would be
/// copied for each invocation.
///
/// What the future held is dropped with it, so nothing half-changed is seen again but what functions share themselves.
#[cfg_attr(not(any(feature = "serve", feature = "poll")), allow(dead_code, reason = "no program starts"))]
pub(crate) fn catch<F: Future + Unpin>(mut future: F) -> impl Future<Output = Result<F::Output, String>> {
    std::future::poll_fn(move |cx| match catch_now(|| Pin::new(&mut future).poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(message) => Poll::Ready(Err(message)),
    })
}

/// Does something; a panic in it becomes its message, and its place.
pub(crate) fn catch_now<T>(run: impl FnOnce() -> T) -> Result<T, String> {
    CAUGHT.set(CAUGHT.get() + 1);
    let result = catch_unwind(AssertUnwindSafe(run));
    CAUGHT.set(CAUGHT.get() - 1);
    result.map_err(message)
}

#[cold]
fn message(payload: Box<dyn Any + Send>) -> String {
    let text = payload.downcast_ref::<&str>().copied().or_else(|| payload.downcast_ref::<String>().map(String::as_str));
    let text = text.unwrap_or("(no message)");
    match PLACE.take() {
        Some(place) => format!("{text}, at {place}"),
        None => text.to_owned(),
    }
}
