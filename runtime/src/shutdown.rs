use std::{pin::pin, time::Duration};

use omnifn_core::{Error, Router};

use crate::{log, panic};

/// Runs what the app wants to run at its end, for no longer than there is. What goes wrong is one line.
pub(crate) async fn run_hooks(router: &Router, time: Duration) {
    if !router.has_stop() {
        return;
    }
    let why = match tokio::time::timeout(time, panic::catch(pin!(router.stop()))).await {
        Ok(Ok(Ok(()))) => return,
        Ok(Ok(Err(error))) => error.to_string(),
        Ok(Err(message)) => format!("it panicked: {message}"),
        Err(_late) => format!("it did not end within {} ms", time.as_millis()),
    };
    log::error(format_args!("what runs when the program stops failed: {why}"));
}

/// The word to stop: SIGTERM from a platform, SIGINT from a terminal.
pub(crate) struct Stop {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 2],
}

impl Stop {
    /// Takes the signals from now on.
    #[cfg(unix)]
    pub(crate) fn listen() -> Result<Self, Error> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Stop { signals: [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?] })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> Result<Self, Error> {
        Ok(Stop {})
    }

    /// Waits until the process is told to stop. May be asked again, for a second time.
    #[cfg(unix)]
    pub(crate) async fn told(&mut self) {
        let [terminate, interrupt] = &mut self.signals;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    pub(crate) async fn told(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
