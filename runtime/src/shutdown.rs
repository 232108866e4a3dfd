//! Shutdown: the signals that request it, and the app's shutdown hook.

#[cfg(feature = "serve")]
use std::io;
use std::{pin::pin, time::Duration};

use omnifn_core::Router;
#[cfg(all(feature = "serve", unix))]
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::timeout;

use crate::{log, panic};

/// Runs the app's shutdown hook for at most `time`. A failure is logged.
pub(crate) async fn run_hooks(router: &Router, time: Duration) {
    let failed = match timeout(time, panic::catch(pin!(router.stop()))).await {
        Ok(Ok(Ok(()))) => return,
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(panic)) => format!("it panicked: {panic}"),
        Err(_elapsed) => format!("it did not finish within {} ms", time.as_millis()),
    };
    log::error(format_args!("shutdown hook failed: {failed}"));
}

/// The signals that ask a server to stop: SIGTERM from a platform, SIGINT from a terminal. On Lambda, `lambda_runtime` handles them.
#[cfg(feature = "serve")]
#[derive(Debug)]
pub(crate) struct ShutdownSignal {
    #[cfg(unix)]
    signals: [Signal; 2],
}

#[cfg(feature = "serve")]
impl ShutdownSignal {
    /// Handles the signals from now on, in place of their default action.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(ShutdownSignal {
            #[cfg(unix)]
            signals: [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?],
        })
    }

    /// Waits for the next signal.
    #[cfg(unix)]
    pub(crate) async fn recv(&mut self) {
        let [terminate, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    /// Waits for the next signal.
    #[cfg(not(unix))]
    pub(crate) async fn recv(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
