//! The start of a program: the tokio runtime, and the exit code.

use std::{
    future::Future,
    pin::{Pin, pin},
    process::ExitCode,
};

use omnifn_core::Error;
#[cfg(any(feature = "serve", feature = "poll"))]
use omnifn_core::{App, Router};
#[cfg(any(feature = "serve", feature = "poll"))]
use tokio::runtime::Handle;
use tokio::runtime::{Builder, Runtime};

use crate::log;
#[cfg(any(feature = "serve", feature = "poll"))]
use crate::{env, panic};

/// Runs a future to its end on a runtime that fits: current-thread on one core, multi-thread where `parallel` and there are more.
///
/// An error becomes one line and a non-zero exit.
pub fn block_on(parallel: bool, future: impl Future<Output = Result<(), Error>>) -> ExitCode {
    let result = match runtime(parallel) {
        Ok(runtime) => drive(&runtime, pin!(future)),
        Err(error) => Err(error.into()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

/// A runtime. The cores are counted only where that matters: to count them takes twenty system calls. And the runtime of several
/// threads is in a program only where its server needs it, for it is large.
fn runtime(parallel: bool) -> std::io::Result<Runtime> {
    #[cfg(feature = "parallel")]
    if parallel && crate::cores::cores() > 1 {
        return Builder::new_multi_thread().enable_all().build();
    }
    let _ = parallel;
    of_one_thread()
}

/// A runtime for one thread.
fn of_one_thread() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_all().build()
}

/// Runs a future on a runtime. Whatever it is, for what tokio does around one is large, and would be in the program for each.
fn drive(runtime: &Runtime, future: Pin<&mut dyn Future<Output = Result<(), Error>>>) -> Result<(), Error> {
    runtime.block_on(future)
}

/// A thread with a runtime of its own, which runs a future, and ends with it.
#[cfg(any(feature = "serve", feature = "poll"))]
pub(crate) fn thread(
    future: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<(Handle, std::thread::JoinHandle<()>)> {
    let runtime = of_one_thread()?;
    let handle = runtime.handle().clone();
    let thread = std::thread::Builder::new().name("omnifn".to_owned()).spawn(move || {
        let future = pin!(async {
            future.await;
            Ok(())
        });
        // It has no result that could be a failure.
        let _ = drive(&runtime, future);
    })?;
    Ok((handle, thread))
}

/// Makes an app ready. What is said meanwhile is written; from then on, unless the user has a subscriber of their own.
#[cfg(any(feature = "serve", feature = "poll"))]
pub(crate) async fn app(app: App) -> Result<Router, Error> {
    let environment = env::process();
    let starting = pin!(app.start(&environment));
    let starting = panic::catch(starting);
    let started = log::starting(starting).await;
    started.unwrap_or_else(|panic| Err(panic.during("the app panicked while it started")))
}

/// Logs why the program cannot start.
pub fn fail(error: &Error) -> ExitCode {
    log::report(error);
    ExitCode::FAILURE
}
