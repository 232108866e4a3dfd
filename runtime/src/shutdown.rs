use std::{
    fmt::Display,
    future::{Future, poll_fn},
    io,
    pin::pin,
    task::Poll,
    time::Duration,
};
#[cfg(unix)]
use std::{
    os::fd::OwnedFd,
    task::{Context, ready},
};

use omnifn_core::Router;
#[cfg(unix)]
use tokio::net::TcpStream;
use tokio::{task::unconstrained, time::sleep};

use crate::{log, panic};

/// Runs what the app wants to run at its end, for no longer than there is. What goes wrong is one line.
pub(crate) async fn run_hooks(router: &Router, time: Duration) {
    let stopping = pin!(router.stop());
    let mut stopping = pin!(panic::catch(stopping));
    // Hooks that have used up what tokio lets them do at once still have their end.
    let mut late = pin!(unconstrained(sleep(time)));
    let ended = poll_fn(|cx| match stopping.as_mut().poll(cx) {
        Poll::Ready(ended) => Poll::Ready(Some(ended)),
        Poll::Pending => late.as_mut().poll(cx).map(|()| None),
    });
    match ended.await {
        Some(Ok(Ok(()))) => {}
        Some(Ok(Err(error))) => failed(&error),
        Some(Err(message)) => failed(&format_args!("it panicked: {message}")),
        None => failed(&format_args!("it did not end within {} ms", time.as_millis())),
    }
}

#[cold]
fn failed(why: &dyn Display) {
    log::error(format_args!("what runs when the program stops failed: {why}"));
}

/// The word to stop: SIGTERM from a platform, SIGINT from a terminal.
pub(crate) struct Stop {
    /// What a signal writes into.
    #[cfg(unix)]
    word: TcpStream,
}

impl Stop {
    /// Takes the signals from now on.
    ///
    /// Not by `tokio::signal`: where that is in a program, each start makes room for all signals that there are.
    #[cfg(unix)]
    pub(crate) fn listen() -> io::Result<Self> {
        use signal_hook::{consts, low_level::pipe};
        let (word, sender) = std::os::unix::net::UnixStream::pair()?;
        word.set_nonblocking(true)?;
        for signal in [consts::SIGTERM, consts::SIGINT] {
            pipe::register(signal, sender.try_clone()?)?;
        }
        // A socket is read as another is; and those of TCP are in a program anyway.
        let word = std::net::TcpStream::from(OwnedFd::from(word));
        Ok(Stop { word: TcpStream::from_std(word)? })
    }

    #[cfg(not(unix))]
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Stop {})
    }

    /// Waits until the process is told to stop. May be asked again, for a second time.
    #[cfg(unix)]
    pub(crate) fn told(&mut self) -> impl Future<Output = ()> + '_ {
        poll_fn(|cx| self.poll_told(cx))
    }

    #[cfg(unix)]
    fn poll_told(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while ready!(self.word.poll_read_ready(cx)).is_ok() {
            match self.word.try_read(&mut [0; 64]) {
                Ok(1..) => return Poll::Ready(()),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // The other end is held for good.
                Ok(0) | Err(_) => break,
            }
        }
        Poll::Pending
    }

    #[cfg(not(unix))]
    pub(crate) fn told(&mut self) -> impl Future<Output = ()> + '_ {
        Box::pin(async {
            if tokio::signal::ctrl_c().await.is_err() {
                std::future::pending::<()>().await;
            }
        })
    }

    /// Runs a future to its end; none where the process is told to stop before.
    #[cfg(feature = "serve")]
    pub(crate) fn beside<F: Future>(
        &mut self,
        mut future: std::pin::Pin<&mut F>,
    ) -> impl Future<Output = Option<F::Output>> {
        // However much the future has done at once, the word is heard.
        let mut told = unconstrained(self.told());
        poll_fn(move |cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => pin!(&mut told).poll(cx).map(|()| None),
        })
    }
}
