//! The loop over the Lambda Runtime API: ask for an event, let the app answer it, post the reply, ask again.
//!
//! An adapter sees each event as an [`http::Request`]: the headers are those of the API's answer to `/next`
//! (`lambda-runtime-aws-request-id`, `-deadline-ms`, …), the body is the event, whole. What it encodes is posted so:
//!
//! - a header `lambda-runtime-function-error-type` sends the reply to `/error`; every other one goes to `/response`;
//! - [`Payload::Whole`](omnifn_core::Payload::Whole) is sent with its length; [`Payload::Stream`](omnifn_core::Payload::Stream)
//!   in chunks as a streamed response, whose failure in the middle is told in trailers;
//! - the header `content-type` is sent as it is. The status and all other headers mean nothing to the API.
//!
//! # Two requests in one piece
//!
//! Where the API is the platform's own, by its port 9001, a reply of up to 16 KiB goes out with the question for the next event behind it
//! ([RFC 9112, 9.3.2](https://www.rfc-editor.org/rfc/rfc9112#section-9.3.2)), and the API answers one after the other. Where it closes the
//! connection in between, the next event is asked for once more on a new one; a reply that got no answer is sent once more alone.
//! `OMNIFN_AWS_PIPELINE=0` holds the question back until the reply was accepted, and `1` does not, at any address.
//!
//! # Two loops
//!
//! The own loop is the one described here. With the cargo feature `lambda_runtime` that crate's loop runs instead,
//! unless the environment says `OMNIFN_AWS_LOOP=own`. Both read events and post replies by the same code. What differs:
//!
//! | what comes | own loop | `lambda_runtime` 1.5 |
//! |---|---|---|
//! | a client context or identity that is not JSON, a header that is not text | the adapter decides | its loop ends; the event's id is not known to anyone, so the event ends by its timeout |
//! | no deadline header, no request id header | no deadline; a log line | its loop panics |
//! | a socket that closes before, or within, an event | asks again; fails the event whose id came | its loop ends (with more than one worker, it asks again where no event came) |
//! | 204, or an error status, from `/next` | asks again after a pause | its loop panics (a debug build asks again at once after a 204) |
//! | a short reply | goes out with the next question | on a connection of its own, and then the next question |
//! | `_X_AMZN_TRACE_ID` | not set, for no process-wide variable can be changed safely; the trace is in the `Context` | set, except for Managed Instances |
//!
//! Where that loop ends or panics it is started again after a pause. With Managed Instances that is when the last of its
//! workers has ended. Under SnapStart it cannot be started again, and the process exits.

mod answer;
mod backoff;
mod client;
mod connection;
mod endpoint;
mod extension;
#[cfg(feature = "lambda_runtime")]
mod lambda_runtime;
mod message;
mod options;
mod own;
mod request;
mod stream;
#[cfg(test)]
mod tests;

use std::{process::ExitCode, sync::Arc, time::Duration};

use omnifn_core::{Adapter, App, Error, Router};

use crate::{
    dispatch::Dispatch,
    env, log, otel,
    shutdown::{self, Stop},
    start,
};
use client::{Client, RuntimeApi};
use options::{Loop, Options};

/// What the app's own hooks may take at the end. The platform gives half a second where no other extension needs more.
const FOR_HOOKS: Duration = Duration::from_secs(2);

/// What the last export may take behind them.
const FOR_EXPORT: Duration = Duration::from_millis(500);

/// Runs an app behind an adapter over the Lambda Runtime API at `AWS_LAMBDA_RUNTIME_API`, until the platform ends it.
///
/// It comes back only where the program cannot start: no such address, or an app whose state cannot be made. The platform
/// is told, one line is logged, and the exit code is a failure.
pub fn run(adapter: impl Adapter, app: App) -> ExitCode {
    run_by(adapter, app, Dispatch::new)
}

/// The same for an adapter that gives out no events: a program that runs no other holds no code that delivers them.
pub fn run_of_requests(adapter: impl Adapter, app: App) -> ExitCode {
    run_by(adapter, app, Dispatch::new)
}

fn run_by<A: Adapter>(adapter: A, app: App, dispatch: fn(A, Router) -> Dispatch<A>) -> ExitCode {
    log::install(adapter.log_format(), &env::var);
    otel::install(|| adapter.resource(), &env::var);
    let options = match Options::read(&env::var) {
        Ok(options) => options,
        Err(error) => return start::fail(&error),
    };
    // The own loop has its threads, where there are to be several.
    let parallel = options.concurrency > 1 && options.driver != Loop::Own;
    start::block_on(parallel, serve(options, adapter, app, dispatch))
}

/// Runs an app behind an adapter over the Runtime API at an address, for ever; with its own loop, one event at a time.
#[cfg(feature = "testing")]
pub(crate) async fn serve_at(address: &str, adapter: impl Adapter, app: App) -> Result<(), Error> {
    let endpoint = endpoint::Endpoint::parse(address)?;
    serve(
        Options { endpoint, concurrency: 1, snap_start: false, driver: Loop::Own, pipelines: true },
        adapter,
        app,
        Dispatch::new,
    )
    .await
}

async fn serve<A: Adapter>(
    options: Options,
    adapter: A,
    app: App,
    dispatch: fn(A, Router) -> Dispatch<A>,
) -> Result<(), Error> {
    let Options { endpoint, concurrency, snap_start, driver, pipelines } = options;
    // What is exported between two events is to be out before the program can be frozen; where many run at once, it is not frozen.
    let pipelines = pipelines && (concurrency > 1 || !otel::exports());
    let api = Arc::new(RuntimeApi::new(endpoint, pipelines));
    let mut client = Client::new(api.clone());
    let router = match start::app(app).await {
        Ok(router) => router,
        Err(error) => {
            client.failed_start("init/error", &error).await;
            return Err(error);
        }
    };
    let stop = if router.has_stop() || otel::exports() { Some(Stop::listen()?) } else { None };
    if stop.is_some() {
        extension::register(api.clone()).await;
    }
    // Where many run at once, the program is not frozen between two.
    if concurrency > 1 {
        otel::export_beside();
    }
    // The other loop has no place for what the app wants to do when it wakes up.
    let driver = if snap_start && router.has_restore() { Loop::Own } else { driver };
    let dispatch = Arc::new(dispatch(adapter, router).with_access_log());
    let looping = drive(driver, snap_start, concurrency, api, client, dispatch.clone());
    let Some(mut stop) = stop else { return looping.await };
    tokio::select! {
        ended = looping => ended,
        () = stop.told() => {
            shutdown::run_hooks(dispatch.router(), FOR_HOOKS).await;
            otel::flush(FOR_EXPORT).await;
            Ok(())
        }
    }
}

async fn drive<A: Adapter>(
    driver: Loop,
    snap_start: bool,
    concurrency: u16,
    api: Arc<RuntimeApi>,
    mut client: Client,
    dispatch: Arc<Dispatch<A>>,
) -> Result<(), Error> {
    match driver {
        Loop::Own => {
            if snap_start {
                if let Err(error) = client.restore().await {
                    client.failed_start("init/error", &error).await;
                    return Err(error);
                }
                if let Err(error) = dispatch.router().restore().await {
                    client.failed_start("restore/error", &error).await;
                    return Err(error);
                }
            }
            drop(client);
            own::run(api, dispatch, concurrency).await
        }
        #[cfg(feature = "lambda_runtime")]
        Loop::LambdaRuntime => {
            drop(client);
            self::lambda_runtime::run(api, dispatch, snap_start).await
        }
    }
}
