use std::{
    pin::Pin,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Waker, ready},
    time::Duration,
};

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::runtime::Handle;

use super::{patience::Wait, reading::Reading};
use crate::http1::{Decoder, Length, Taken};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The body of a request, which reads the connection itself, for as long as it has it.
pub(super) struct Incoming {
    /// None when it has ended or broken off.
    reading: Option<Reading>,
    decoder: Decoder,
    /// The client waits until it is asked to send.
    waits: bool,
    wait: Wait,
    /// The server's, whose clock counts, whoever reads.
    runtime: Handle,
    lent: Arc<Lent>,
}

/// The reading side of a connection, while a body has it.
#[derive(Debug, Default)]
pub(super) struct Lent {
    /// The client waits until it is told to send, and was not told.
    waits: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    asked: bool,
    back: Option<Back>,
    /// The connection's task, where it sleeps.
    waker: Option<Waker>,
}

/// How the reading side comes back.
#[derive(Debug)]
pub(super) enum Back {
    /// Behind the body.
    Ended(Reading),
    /// In the middle of it: nobody wants the rest.
    Unread(Reading, Decoder),
    /// Somewhere: where the next request begins is not known.
    Lost(Reading),
}

/// What a body wants of its connection.
#[derive(Debug)]
pub(super) struct Wish {
    /// That the client is asked to send.
    pub(super) asked: bool,
    pub(super) back: Option<Back>,
}

impl Incoming {
    pub(super) fn new(reading: Reading, decoder: Decoder, waits: bool, patience: Duration) -> (Self, Arc<Lent>) {
        let lent = Arc::new(Lent { waits: waits.into(), ..Lent::default() });
        let (reading, wait) = (Some(reading), Wait::new(patience));
        (Incoming { reading, decoder, waits, wait, runtime: Handle::current(), lent: lent.clone() }, lent)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        while let Some(reading) = &mut self.reading {
            let frame = match self.decoder.take(&mut reading.buffer) {
                Ok(Taken::Data(data)) => Some(Frame::data(data)),
                Ok(Taken::Trailers(trailers)) => Some(Frame::trailers(trailers)),
                Ok(Taken::End) => None,
                Ok(Taken::More) => match ready!(self.poll_more(cx)) {
                    Ok(()) => continue,
                    Err(why) => return self.broken(why),
                },
                Err(bad) => return self.broken(bad.to_string().into()),
            };
            return self.came(frame);
        }
        Poll::Ready(None)
    }

    /// Waits until more has come.
    fn poll_more(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        if std::mem::take(&mut self.waits) {
            self.lent.ask();
        }
        let more = self.reading.as_mut().map_or(Poll::Ready(Ok(0)), |reading| reading.poll_more(cx));
        let why = match more {
            Poll::Ready(Ok(1..)) => {
                self.wait.end();
                return Poll::Ready(Ok(()));
            }
            Poll::Ready(Ok(0)) => "the connection ended in the middle of the body".into(),
            Poll::Ready(Err(error)) => error.into(),
            Poll::Pending if self.is_over(cx) => {
                format!("nothing more of the body came for {} s", self.wait.patience.as_secs_f64()).into()
            }
            Poll::Pending => return Poll::Pending,
        };
        Poll::Ready(Err(why))
    }

    fn is_over(&mut self, cx: &mut Context<'_>) -> bool {
        let _entered = self.runtime.enter();
        self.wait.is_over(cx)
    }

    fn came(&mut self, frame: Option<Frame<Bytes>>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if std::mem::take(&mut self.waits) {
            // It did not wait.
            self.lent.told();
        }
        if self.decoder.has_ended()
            && let Some(reading) = self.reading.take()
        {
            self.lent.give(Back::Ended(reading));
        }
        Poll::Ready(frame.map(Ok))
    }

    fn broken(&mut self, why: BoxError) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if let Some(reading) = self.reading.take() {
            self.lent.give(Back::Lost(reading));
        }
        Poll::Ready(Some(Err(why)))
    }
}

impl HttpBody for Incoming {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.get_mut().poll(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.decoder.has_ended()
    }

    fn size_hint(&self) -> SizeHint {
        self.decoder.remaining().map(SizeHint::with_exact).unwrap_or_default()
    }
}

impl Drop for Incoming {
    fn drop(&mut self) {
        let Some(reading) = self.reading.take() else { return };
        // Who was not told to send, though perhaps it was to be, may send or not: nobody knows what comes next.
        let back = match self.lent.waits() {
            true => Back::Lost(reading),
            false => Back::Unread(reading, std::mem::replace(&mut self.decoder, Decoder::of_request(Length::Unsaid))),
        };
        self.lent.give(back);
    }
}

impl Lent {
    #[inline(never)]
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ask(&self) {
        self.change(|state| state.asked = true);
    }

    /// The client was told to send, or sends.
    pub(super) fn told(&self) {
        self.waits.store(false, Ordering::Relaxed);
    }

    /// Whether the client still waits to be told.
    pub(super) fn waits(&self) -> bool {
        self.waits.load(Ordering::Relaxed)
    }

    fn give(&self, back: Back) {
        self.change(|state| state.back = Some(back));
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        change(&mut state);
        let waker = state.waker.take();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The connection's task is awake, and will see for itself what the body wants.
    pub(super) fn is_heard(&self) {
        self.state().waker = None;
    }

    /// What the body wants; where it has the reading side still, it wakes the task when it wants more.
    pub(super) fn wish(&self, cx: &Context<'_>) -> Wish {
        let mut state = self.state();
        let (asked, back) = (std::mem::take(&mut state.asked), state.back.take());
        if back.is_none() {
            state.waker = Some(cx.waker().clone());
        }
        Wish { asked, back }
    }

    /// The reading side, if it is back.
    pub(super) fn back(&self) -> Option<Back> {
        self.state().back.take()
    }
}
