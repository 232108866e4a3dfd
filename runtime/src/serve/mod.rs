//! The HTTP server: HTTP/1.1, and with the cargo feature `h2c` also HTTP/2 by prior knowledge on the same port.
//!
//! An adapter sees each request as it came, with the other end of its connection as [`Peer`](omnifn_core::Peer) among its
//! extensions. A reply whose body fails in the middle ends its connection (HTTP/1.1) or its stream (HTTP/2) as broken.

mod banner;
mod connection;
mod date;
mod ending;
mod graceful;
#[cfg(feature = "h2c")]
mod h2c;
mod incoming;
mod options;
mod outgoing;
mod patience;
mod reading;
mod reply;
mod threads;
mod writing;

use std::{
    future::{Future, poll_fn},
    io,
    net::{IpAddr, SocketAddr},
    num::NonZero,
    pin::pin,
    process::ExitCode,
    sync::Arc,
    task::{Poll, ready},
    time::Duration,
};

use omnifn_core::{Adapter, App, Error, ErrorKind, Router, log::Decimal};
use tokio::net::{TcpListener, TcpStream};

use crate::{cores, deadline, dispatch::Dispatch, env, http1::Names, log, otel, shutdown, start};

use connection::Shared;
use graceful::Connections;
use patience::Wait;
use threads::Threads;

pub use options::Options;

/// Of the time that there is to stop, what the app's own hooks may take after the last request: a fifth.
const FOR_HOOKS: u32 = 5;

/// And as much for the last export of traces and metrics.
const FOR_EXPORT: u32 = 5;

/// Serves an app behind an adapter until the process is told to stop (SIGTERM, SIGINT), and lets what is in flight end.
///
/// It comes back with a failure where the program cannot start: the app's state cannot be made, or the port is taken. One
/// line says so.
pub fn run(adapter: impl Adapter, app: App, options: Options) -> ExitCode {
    start::block_on(true, serve(adapter, app, options, Dispatch::new))
}

/// The same for an adapter that gives out no events: a program that serves no other holds no code that delivers them.
pub fn run_of_requests(adapter: impl Adapter, app: App, options: Options) -> ExitCode {
    start::block_on(true, serve(adapter, app, options, Dispatch::new))
}

async fn serve<A: Adapter>(
    adapter: A,
    app: App,
    options: Options,
    dispatch: fn(A, Router) -> Dispatch<A>,
) -> Result<(), Error> {
    log::install(adapter.log_format(), &env::var);
    otel::install(|| adapter.resource(), &env::var);
    let mut stop = shutdown::Stop::listen()?;
    let timeout = deadline::configured(&env::var)?;
    // The port opens when the app is ready: who can connect is answered.
    let started = stop.beside(pin!(start_app(app, &options))).await;
    let Some(started) = started else { return Ok(()) };
    let (router, listener) = started?;
    if let Some(tell) = options.banner {
        tell(&router, &listener);
    }
    let dispatch = dispatch(adapter, router).with_access_log();
    let dispatch = match timeout {
        Some(timeout) => dispatch.with_timeout(timeout),
        None => dispatch,
    };
    let names = Names::new(dispatch.adapter().usual_headers());
    let shared = Arc::new(Shared { dispatch, names });
    let router = shared.dispatch.router();
    otel::export_beside();
    let connections = Arc::new(Connections::default());
    // One connection of HTTP/2 may carry many requests: then there is one runtime of several threads.
    let count = if cfg!(feature = "parallel") { 1 } else { options.threads.map_or_else(cores::cores, NonZero::get) };
    let threads = Threads::start(count)?;
    let take = |stream, peer| {
        // It counts as open from here on, also where its thread has no time for it yet.
        let open = connections.open();
        let Some((stream, busy, _entered)) = threads.place(stream) else { return };
        connection::serve(stream, peer, shared.clone(), options.patience, busy, open);
    };
    stop.beside(pin!(accept(&listener, &take))).await;
    drop(listener);
    let for_hooks = if router.has_stop() { options.grace / FOR_HOOKS } else { Duration::ZERO };
    let for_export = if otel::exports() { options.grace / FOR_EXPORT } else { Duration::ZERO };
    let for_requests = options.grace.saturating_sub(for_hooks + for_export);
    let mut wait = Wait::new(for_requests);
    let ending = poll_fn(|cx| match connections.poll_end(cx) {
        Poll::Pending if wait.is_over(cx) => {
            let seconds = Decimal::seconds(for_requests);
            log::warn(format_args!("requests that had not ended {seconds} s after the signal were cut off"));
            Poll::Ready(())
        }
        ended => ended,
    });
    if stop.beside(pin!(ending)).await.is_none() {
        log::warn(format_args!("told twice to stop: requests in flight were cut off"));
    }
    shutdown::run_hooks(router, for_hooks).await;
    otel::flush(for_export).await;
    threads.end().await;
    threads.join();
    Ok(())
}

async fn start_app(app: App, options: &Options) -> Result<(Router, TcpListener), Error> {
    let address = options.resolve(&env::var)?;
    let router = start::app(app).await?;
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|error| cannot_listen(error, address, options.port_variable))?;
    Ok((router, listener))
}

fn cannot_listen(error: io::Error, address: SocketAddr, variable: &str) -> Error {
    let (host, port) = (shown(address.ip()), address.port());
    let words = match error.kind() {
        io::ErrorKind::AddrInUse => {
            let other = port.checked_add(1).unwrap_or(8080);
            format!(
                "the port {port} of {host} is taken: another program listens there. Stop it, or choose another port: {variable}={other}"
            )
        }
        io::ErrorKind::PermissionDenied => {
            format!("this user may not listen on port {port} of {host}: choose one above 1023: {variable}=8080")
        }
        _ => format!("cannot listen on {host}:{port}"),
    };
    Error::new(ErrorKind::Config, words).with_source(error)
}

/// An address, of the sixth version in its long form: what shortens it is large, and would be in the program for this alone.
fn shown(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => {
            let [a, b, c, d] = address.octets();
            format!("{a}.{b}.{c}.{d}")
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, e, f, g, h] = address.segments();
            format!("[{a:x}:{b:x}:{c:x}:{d:x}:{e:x}:{f:x}:{g:x}:{h:x}]")
        }
    }
}

/// Takes connections, for ever.
fn accept(listener: &TcpListener, take: &dyn Fn(TcpStream, SocketAddr)) -> impl Future<Output = ()> {
    let (mut is_failing, mut pause) = (false, None::<Wait>);
    poll_fn(move |cx| {
        loop {
            if pause.as_mut().is_some_and(|pause| !pause.is_over(cx)) {
                return Poll::Pending;
            }
            pause = None;
            match ready!(listener.poll_accept(cx)) {
                Ok((stream, peer)) => {
                    is_failing = false;
                    take(without_delay(stream), peer);
                }
                Err(error) if belongs_to_one_connection(&error) => {}
                Err(error) => {
                    // Too many open files, most often: it passes when connections end.
                    if !is_failing {
                        log::error(format_args!("cannot take connections: {error}"));
                    }
                    is_failing = true;
                    pause = Some(Wait::new(Duration::from_millis(50)));
                }
            }
        }
    })
}

fn belongs_to_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset, Interrupted};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset | Interrupted)
}

/// A reply in several writes is not held back for its last packet.
fn without_delay(stream: TcpStream) -> TcpStream {
    // A connection that is closed by now says so when it is read.
    let _ = stream.set_nodelay(true);
    stream
}
