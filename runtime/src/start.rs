//! The start of a program: its tokio runtime, its app, and its exit code.

#[cfg(any(feature = "serve", feature = "poll"))]
use std::pin::pin;
use std::{future::Future, process::ExitCode};

use omnifn_core::Error;
#[cfg(any(feature = "serve", feature = "poll"))]
use omnifn_core::{Adapter, App, Router};
use tokio::runtime::Builder;

use crate::log;
#[cfg(any(feature = "serve", feature = "poll"))]
use crate::{env, panic};

/// Runs a future on a tokio runtime of its own.
///
/// The runtime is multi-threaded if `parallel` and more than one CPU is available, and current-thread otherwise. An error is logged as
/// one line, and the exit code is a failure.
pub fn block_on(parallel: bool, future: impl Future<Output = Result<(), Error>>) -> ExitCode {
    match builder(parallel).enable_all().build().map_err(Error::from).and_then(|runtime| runtime.block_on(future)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

fn builder(parallel: bool) -> Builder {
    #[cfg(feature = "parallel")]
    if parallel && std::thread::available_parallelism().is_ok_and(|cpus| cpus.get() > 1) {
        return Builder::new_multi_thread();
    }
    let _ = parallel;
    Builder::new_current_thread()
}

/// Starts an app behind an adapter: makes its state and the services that it mounts.
#[cfg(any(feature = "serve", feature = "poll"))]
pub(crate) async fn app(adapter: &impl Adapter, app: App) -> Result<Router, Error> {
    adapter.check(&app.functions())?;
    let environment = env::process();
    let starting = std::pin::pin!(app.start(&environment));
    let started = log::starting(panic::catch(pin!(starting))).await;
    started.unwrap_or_else(|panic| Err(panic.during("the app panicked while it started")))
}

/// Logs why the program cannot start, as one line.
pub fn fail(error: &Error) -> ExitCode {
    log::report(error);
    ExitCode::FAILURE
}
