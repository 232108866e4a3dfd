//! The loop over the Lambda Runtime API, on the crate `lambda_runtime`: it polls an event, has the app answer it, posts the reply, and
//! polls again.
//!
//! `lambda_runtime` polls, runs several invocations at once where the platform asks for it (`AWS_LAMBDA_MAX_CONCURRENCY`), runs the
//! restore hook under SnapStart, and registers for the shutdown signal. One tower layer (`service`) takes its raw invocations, and
//! posts raw replies (`reply`).
//!
//! An adapter receives each event as an [`http::Request`]: the headers are those of the API's response to `/next`
//! (`lambda-runtime-aws-request-id`, `-deadline-ms`, …), the body is the event. The response is posted as follows:
//!
//! - a header `lambda-runtime-function-error-type` sends it to `/error`; every other one goes to `/response`;
//! - [`Payload::Whole`](omnifn_core::Payload::Whole) is sent with its length; [`Payload::Stream`](omnifn_core::Payload::Stream) in
//!   chunks as a streamed response, whose error in the middle is sent as trailers;
//! - the header `content-type` is sent unchanged. The status and all other headers have no meaning for the API.
//!
//! `lambda_runtime` reads each event and its headers before omnifn receives them. Its loop ends or panics if it cannot read them, or if
//! the connection fails, and is started again after a pause. `docs/aws.md` describes what happens to the event.

mod backoff;
mod options;
mod reply;
mod service;

use std::{
    pin::pin,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use lambda_runtime::{LambdaEvent, Runtime, service_fn};
use omnifn_core::{Adapter, App, Error, ErrorKind};

use crate::{dispatch::Dispatch, env, log, otel, panic, shutdown, start};
use backoff::Backoff;
use options::Options;
use reply::Client;
use service::{Invocations, Shared};

/// The time for the app's stop hooks. The platform gives half a second where no other extension needs more.
const FOR_HOOKS: Duration = Duration::from_secs(2);

/// The time for the last export of traces and metrics, after the hooks.
const FOR_EXPORT: Duration = Duration::from_millis(500);

/// Runs an app behind an adapter over the Lambda Runtime API at `AWS_LAMBDA_RUNTIME_API`, until the platform ends the process.
///
/// It returns only if the program cannot start, or cannot continue under SnapStart. One line is logged, and the exit code is a failure.
/// An app that fails to start is also reported to the platform.
pub fn run(adapter: impl Adapter, app: App) -> ExitCode {
    log::install(adapter.log_format(), &env::var);
    match Options::read(&env::var) {
        Ok(options) => start::block_on(options.concurrency > 1, poll(options, adapter, app)),
        Err(error) => start::fail(&error),
    }
}

/// Runs an app behind an adapter like [`run`], on the tokio runtime of the caller.
///
/// # Errors
/// The program cannot start: the environment is invalid, or the app fails to start, which has been reported to the platform. Or the loop
/// ended under SnapStart, where it cannot be started again.
pub async fn serve(adapter: impl Adapter, app: App) -> Result<(), Error> {
    panic::install();
    log::install(adapter.log_format(), &env::var);
    poll(Options::read(&env::var)?, adapter, app).await
}

/// Runs an app behind an adapter over the Runtime API at an address. The loop is not that of `lambda_runtime`, which takes its address
/// from the environment only.
#[cfg(feature = "testing")]
pub(crate) async fn serve_at(address: &str, adapter: impl Adapter, app: App) -> Result<(), Error> {
    let shared = start_app(Client::new(options::endpoint(address)?, 1), adapter, app).await?;
    let mut backoff = Backoff::default();
    loop {
        let answered = async { shared.answer(shared.client.next().await?).await };
        if let Err(error) = answered.await {
            backoff.wait(reply::causes(&*error)).await;
        }
    }
}

async fn poll<A: Adapter>(options: Options, adapter: A, app: App) -> Result<(), Error> {
    let Options { endpoint, concurrency, snap_start } = options;
    otel::install(|| adapter.resource(), &env::var);
    let shared = start_app(Client::new(endpoint, concurrency), adapter, app).await?;
    if shared.dispatch.router().has_stop() || otel::exports() {
        listen_for_shutdown(shared.clone()).await;
    }
    let mut backoff = Backoff::default();
    loop {
        let ended = {
            let runtime = Runtime::new(service_fn(never_called)).layer(Invocations(shared.clone()));
            panic::catch(pin!(runtime.register_snapstart_resource(shared.clone()).run_concurrent())).await
        };
        let why = match ended {
            Ok(Ok(())) => "the loop of `lambda_runtime` ended".to_owned(),
            Ok(Err(error)) => format!("the loop of `lambda_runtime` ended: {}", reply::causes(&*error)),
            Err(panic) => format!("the loop of `lambda_runtime` panicked: {panic}"),
        };
        if snap_start {
            return Err(Error::new(ErrorKind::Config, why));
        }
        if shared.answered.swap(false, Ordering::Relaxed) {
            backoff.reset();
        }
        backoff.wait(why).await;
    }
}

async fn start_app<A: Adapter>(client: Client, adapter: A, app: App) -> Result<Arc<Shared<A>>, Error> {
    match start::app(&adapter, app).await {
        Ok(router) => Ok(Arc::new(Shared {
            dispatch: Dispatch::new(adapter, router).with_access_log(),
            client,
            answered: AtomicBool::new(false),
            stopping: AtomicBool::new(false),
        })),
        Err(error) => {
            client.failed_start(&error).await;
            Err(error)
        }
    }
}

/// The handler that `Runtime::new` requires. The layer replaces it.
async fn never_called(_: LambdaEvent<()>) -> Result<(), lambda_runtime::Error> {
    Ok(())
}

/// Runs the stop hooks and the last export when the platform ends the process. It sends the shutdown signal only to processes with a
/// registered extension.
async fn listen_for_shutdown<A: Adapter>(shared: Arc<Shared<A>>) {
    let hook = move || async move {
        shared.stopping.store(true, Ordering::Relaxed);
        shutdown::run_hooks(shared.dispatch.router(), FOR_HOOKS).await;
        otel::flush(FOR_EXPORT).await;
    };
    // The handler panics if the API refuses the extension.
    #[cfg(unix)]
    if let Err(panic) = panic::catch(pin!(lambda_runtime::spawn_graceful_shutdown_handler(hook))).await {
        log::warn(format_args!("the shutdown signal cannot be received, so stop hooks will not run: {panic}"));
    }
    // Lambda runs Linux only.
    #[cfg(not(unix))]
    drop(hook);
}
