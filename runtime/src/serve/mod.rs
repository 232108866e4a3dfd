//! The HTTP server, on hyper: HTTP/1.1, and with the cargo feature `h2c` also HTTP/2 with prior knowledge on the same port.
//!
//! The adapter receives each request with the address of the client as [`Peer`](omnifn_core::Peer) in its extensions. A response whose
//! body fails after the head was sent ends its connection (HTTP/1.1) or its stream (HTTP/2) as incomplete.

mod banner;
mod connection;
mod options;
mod socket;

use std::{io, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use futures_util::FutureExt;
use omnifn_core::{Adapter, App, Error, ErrorKind, Router};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::{JoinSet, unconstrained},
    time::{sleep, timeout},
};

use crate::{deadline, dispatch::Dispatch, env, log, otel, sender::Senders, shutdown, start};

pub use options::Options;

/// The share of the grace period that is reserved for the app's shutdown hook: a fifth.
const HOOK_SHARE: u32 = 5;

/// The share of the grace period that is reserved for the last export of traces and metrics: a fifth.
const EXPORT_SHARE: u32 = 5;

/// The pause after the system could not accept a connection, most often because too many files are open.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// Serves an app behind an adapter until a shutdown signal, on a tokio runtime of its own.
///
/// The runtime has one thread where only one CPU is available, and one worker for each CPU otherwise. The exit code is a failure, and an
/// error is logged, if the program cannot start: the app's state cannot be created, or the port is in use.
pub fn run(adapter: impl Adapter, app: App, options: Options) -> ExitCode {
    start::block_on(true, serve(adapter, app, options))
}

/// Serves an app behind an adapter until a shutdown signal, on the caller's tokio runtime.
///
/// At SIGTERM or SIGINT the server stops accepting connections, waits for the requests in flight, runs the app's shutdown hook, exports
/// the remaining traces and metrics, and returns. Requests that are still in flight after [`Options::grace`], or at a second signal, are
/// aborted.
///
/// # Errors
/// The program cannot start: a setting is invalid, the app's state cannot be created, or the port is in use.
pub async fn serve(adapter: impl Adapter, app: App, options: Options) -> Result<(), Error> {
    log::install(adapter.log_format(), &env::var);
    otel::install(|| adapter.resource(), &env::var);
    let mut signal = shutdown::ShutdownSignal::listen()?;
    let invocation_timeout = deadline::configured(&env::var)?;
    let senders = Senders::configured(&env::var)?;
    let (router, listener) = tokio::select! {
        started = start_app(&adapter, app, &options) => started?,
        () = signal.recv() => return Ok(()),
    };
    if options.banner {
        banner::print(&router, &listener, options.reason.as_deref());
    } else if let Some(reason) = &options.reason {
        log::info(format_args!("{reason}"));
    }
    let mut dispatch = Dispatch::new(adapter, router).with_access_log().with_senders(senders);
    if let Some(timeout) = invocation_timeout {
        dispatch = dispatch.with_timeout(timeout);
    }
    dispatch.log_event_endpoints();
    let mut server = Server::new(Arc::new(dispatch), options.client_timeout);
    tokio::select! {
        () = server.accept(&listener) => {}
        () = signal.recv() => server.accept_pending(&listener),
    }
    drop(listener);

    let dispatch = server.dispatch.clone();
    let for_hooks = if dispatch.router().has_stop() { options.grace / HOOK_SHARE } else { Duration::ZERO };
    let for_export = if otel::exports() { options.grace / EXPORT_SHARE } else { Duration::ZERO };
    let for_requests = options.grace.saturating_sub(for_hooks + for_export);
    tokio::select! {
        finished = timeout(for_requests, server.finish()) => if finished.is_err() {
            let seconds = for_requests.as_secs_f64();
            log::warn(format_args!("requests are still in flight {seconds} s after the shutdown signal: aborting them"));
        },
        () = signal.recv() => log::warn(format_args!("second shutdown signal: aborting requests in flight")),
    }
    // When the server is dropped, it aborts the requests that are left.
    drop(server);
    shutdown::run_hooks(dispatch.router(), for_hooks).await;
    otel::flush(for_export).await;
    Ok(())
}

/// Starts the app, and then opens the port, so that a client that can connect gets an answer.
async fn start_app(adapter: &impl Adapter, app: App, options: &Options) -> Result<(Router, TcpListener), Error> {
    let address = options.resolve(&env::var)?;
    let router = start::app(adapter, app).await?;
    let listener =
        TcpListener::bind(address).await.map_err(|error| cannot_listen(error, address, options.port_variable))?;
    Ok((router, listener))
}

fn cannot_listen(error: io::Error, address: SocketAddr, variable: &str) -> Error {
    let port = address.port();
    let message = match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "port {port} of {} is already in use: stop the program that listens there, or choose another port: {variable}={}",
            address.ip(),
            port.checked_add(1).unwrap_or(8080)
        ),
        io::ErrorKind::PermissionDenied => {
            format!("no permission to listen on port {port}: choose a port above 1023: {variable}=8080")
        }
        _ => format!("cannot listen on {address}"),
    };
    Error::new(ErrorKind::Config, message).with_source(error)
}

/// The open connections of one app.
struct Server<A> {
    dispatch: Arc<Dispatch<A>>,
    client_timeout: Duration,
    connections: JoinSet<()>,
    shutdown: watch::Sender<bool>,
}

impl<A: Adapter> Server<A> {
    fn new(dispatch: Arc<Dispatch<A>>, client_timeout: Duration) -> Self {
        Server { dispatch, client_timeout, connections: JoinSet::new(), shutdown: watch::channel(false).0 }
    }

    /// Accepts connections, and never returns.
    async fn accept(&mut self, listener: &TcpListener) {
        let mut is_failing = false;
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    is_failing = false;
                    self.spawn(stream, peer);
                }
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => {
                    if !is_failing {
                        log::error(format_args!("cannot accept connections: {error}"));
                    }
                    is_failing = true;
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        }
    }

    /// Accepts the connections that the system has already established: their clients may have sent a request.
    fn accept_pending(&mut self, listener: &TcpListener) {
        while let Some(Ok((stream, peer))) = unconstrained(listener.accept()).now_or_never() {
            self.spawn(stream, peer);
        }
    }

    fn spawn(&mut self, stream: TcpStream, peer: SocketAddr) {
        // The set keeps the results of finished tasks until they are taken.
        while self.connections.try_join_next().is_some() {}
        let (dispatch, timeout, shutdown) = (self.dispatch.clone(), self.client_timeout, self.shutdown.subscribe());
        self.connections.spawn(connection::serve(stream, peer, dispatch, timeout, shutdown));
    }

    /// Lets each connection finish the request that is in flight on it, and waits for all of them.
    async fn finish(&mut self) {
        self.shutdown.send_replace(true);
        while self.connections.join_next().await.is_some() {}
    }
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}
